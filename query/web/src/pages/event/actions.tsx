//! The other pages of an event, export and share links.

import { useState } from "preact/hooks";
import type { Live } from "../../api/live";
import type { Me } from "../../api/session_types";
import type { Figures } from "../../api/types";
import { ExportDialog } from "../../dialogs/export_dialog";
import { ShareDialog } from "../../dialogs/share_dialog";
import { link } from "../../location";
import { Icon, type IconName } from "../../parts/icon";
import { LivePill } from "../../parts/live_pill";
import { type Key, t } from "../../text/language";

interface Properties {
  figures: Figures | null;
  me: Me | null;
  live: Live;
}

const PAGES: [string, IconName, Key][] = [
  ["door", "door", "door"],
  ["compare", "editions", "editions"],
];

export function Actions({ figures, me, live }: Properties) {
  const [dialog, setDialog] = useState<"export" | "share" | null>(null);
  const close = () => setDialog(null);
  return (
    <>
      <LivePill state={live.state} />
      {figures && me && me.session !== "share" && (
        <>
          {PAGES.map(([path, icon, name]) => (
            <a key={path} class="button" href={link(`/app/events/${figures.eventId}/${path}`)}>
              <Icon name={icon} />
              {t(name)}
            </a>
          ))}
          <button type="button" onClick={() => setDialog("export")}>
            <Icon name="export" />
            {t("export")}
          </button>
          {me.canShare && (
            <button type="button" class="primary" onClick={() => setDialog("share")}>
              <Icon name="share" />
              {t("share")}
            </button>
          )}
          {dialog === "export" && <ExportDialog figures={figures} me={me} onClose={close} />}
          {dialog === "share" && <ShareDialog figures={figures} onClose={close} />}
        </>
      )}
    </>
  );
}
