//! When people register, by hour of the week; when they look, if none registers.

import type { Figures } from "../../api/types";
import { clockHour, HeatMap } from "../../charts/heat_map";
import { DataTable } from "../../parts/data_table";
import { Empty, Panel } from "../../parts/panel";
import { weekdays } from "../../text/dates";
import { t } from "../../text/language";
import { integer } from "../../text/numbers";

export function Hours({ figures }: { figures: Figures }) {
  const hours = figures.byHour ?? [];
  const metric = hours.some(({ registrations }) => registrations > 0) ? "registrations" : "views";
  const counts = Array.from({ length: 7 }, () => new Array<number>(24).fill(0));
  for (const one of hours) counts[one.weekday - 1]![one.hour] = one[metric];
  const title = t(metric === "views" ? "heatMapViews" : "heatMap");
  const names = weekdays("long");
  return (
    <Panel
      id="hours"
      title={title}
      table={() => (
        <DataTable
          caption={title}
          rows={counts.map((values, day) => ({ values, name: names[day] ?? "" }))}
          columns={[
            { name: t("weekday"), value: ({ name }) => name },
            ...Array.from({ length: 24 }, (_, hour) => ({
              name: clockHour(hour),
              value: ({ values }: { values: number[] }) => integer(values[hour] ?? 0),
            })),
          ]}
        />
      )}
    >
      {counts.flat().some(Boolean) ? <HeatMap label={title} counts={counts} /> : <Empty>{t("nothing")}</Empty>}
    </Panel>
  );
}
