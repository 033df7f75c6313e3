//! The existing share links of an event. Revoking asks once more.

import { useState } from "preact/hooks";
import type { ShareLink } from "../api/session_types";
import { Empty } from "../parts/panel";
import { instant } from "../text/dates";
import { t } from "../text/language";

interface Properties {
  shares: ShareLink[];
  timezone: string;
  onRevoke: (shareId: string) => void;
}

export function ShareList({ shares, timezone, onRevoke }: Properties) {
  const [asked, setAsked] = useState<string | null>(null);
  if (shares.length === 0) return <Empty>{t("noLinks")}</Empty>;
  return (
    <ul class="shares">
      {shares.map((share) => {
        const { shareId, revokedAt, expiresAt, lastUsedAt } = share;
        const isExpired = Date.parse(expiresAt) < Date.now();
        const ended = revokedAt ? t("revoked") : isExpired ? t("expired") : null;
        const used = lastUsedAt ? t("lastUsed", { time: instant(lastUsedAt, timezone) }) : t("neverUsed");
        const until = `${t("expires")} ${instant(expiresAt, timezone)}`;
        return (
          <li key={shareId} class={ended ? "ended" : ""}>
            <p>
              <b>
                <bdi>{share.name || t("share")}</bdi>
              </b>
              <span class="note">{[ended ?? until, share.hasPassword ? t("hasPassword") : null, used].filter(Boolean).join(" · ")}</span>
            </p>
            {!ended && (
              <button
                type="button"
                class={asked === shareId ? "danger" : "quiet"}
                onClick={() => (asked === shareId ? onRevoke(shareId) : setAsked(shareId))}
              >
                {t(asked === shareId ? "revokeNow" : "revoke")}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
