//! Pages without figures, and what to do then.

import type { Figures } from "../../api/types";
import { setParameters } from "../../location";
import { dayRange } from "../../text/dates";
import { t } from "../../text/language";

/** An event without facts: the script that sends them. */
export function EmptyEvent({ eventId }: { eventId: string }) {
  const script = `<script src="${location.origin}/api/v1/analytics/track.js" data-event="${eventId}" defer></script>`;
  return (
    <section class="panel wide blank">
      <h2>{t("noFacts")}</h2>
      <p>{t("noFactsHint")}</p>
      <pre tabIndex={0}>
        <code>{script}</code>
      </pre>
      <button type="button" onClick={() => void navigator.clipboard?.writeText(script)}>
        {t("copy")}
      </button>
    </section>
  );
}

/** A selection without facts. */
export function EmptyPeriod({ figures }: { figures: Figures }) {
  const reset = () => setParameters({ period: null, from: null, to: null, source: null, ticketType: null });
  return (
    <section class="panel wide blank">
      <h2>{t("emptyPeriod")}</h2>
      <p>{dayRange(figures.dateFrom, figures.dateTo)}</p>
      <button type="button" class="primary" onClick={reset}>
        {t("showWhole")}
      </button>
    </section>
  );
}
