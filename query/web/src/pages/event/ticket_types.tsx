//! Ticket types: registrations, of which some are cancelled and some checked in.

import type { Figures, TicketTypeMetrics } from "../../api/types";
import { setParameters } from "../../location";
import { BarTable } from "../../parts/bar_table";
import { Empty, Panel } from "../../parts/panel";
import { t } from "../../text/language";
import { integer } from "../../text/numbers";

type Row = TicketTypeMetrics & { others?: number };

export function TicketTypes({ figures }: { figures: Figures }) {
  const rows: Row[] = [...(figures.byTicketType ?? [])];
  const { otherTicketTypes } = figures;
  if (otherTicketTypes) rows.push({ ...otherTicketTypes, others: otherTicketTypes.ticketTypes });
  const shown = rows.filter(({ registrations, cancellations, checkIns }) => registrations + cancellations + checkIns > 0);
  return (
    <Panel id="tickets" title={t("ticketTypes")}>
      {shown.length === 0 ? (
        <Empty>{t("nothing")}</Empty>
      ) : (
        <BarTable
          caption={t("ticketTypes")}
          head={t("ticketType")}
          rows={shown}
          name={nameOf}
          bars={({ registrations, checkIns }) => [registrations, checkIns]}
          columns={[
            { name: t("registrations"), value: ({ registrations }) => integer(registrations) },
            { name: t("cancellations"), value: ({ cancellations }) => integer(cancellations) },
            { name: t("checkedIn"), value: ({ checkIns }) => integer(checkIns) },
          ]}
        />
      )}
    </Panel>
  );
}

function nameOf({ ticketTypeId, ticketTypeName, others }: Row) {
  if (others !== undefined) return t("otherEntries", { n: others });
  const value = ticketTypeId ?? ticketTypeName;
  if (!value) return t("noTicketType");
  return (
    <button type="button" class="link" onClick={() => setParameters({ ticketType: value })}>
      <bdi>{ticketTypeName ?? value}</bdi>
    </button>
  );
}
