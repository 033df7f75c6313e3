//! Figures of both editions up to the same point, and their series.

import type { Figures } from "../../api/types";
import { cumulated } from "../../charts/scale";
import type { Series } from "../../charts/time_chart";
import { setParameters, useLocation } from "../../location";
import { Segments } from "../../parts/choice";
import { Empty } from "../../parts/panel";
import { SeriesPanel } from "../../parts/series_panel";
import { Tile } from "../../parts/tile";
import { type Key, t } from "../../text/language";
import { integer, short } from "../../text/numbers";
import { align, type DayMetric, samePoint, sumUntil } from "./align";

const METRICS: [DayMetric, Key][] = [
  ["views", "views"],
  ["registrations", "registrations"],
  ["cancellations", "cancellations"],
  ["checkIns", "checkIns"],
];

interface Properties {
  main: Figures;
  other: Figures;
}

export function Editions({ main, other }: Properties) {
  const { parameters } = useLocation();
  const [days, otherDays] = [main.byDay ?? [], other.byDay ?? []];
  const point = samePoint(days);
  if (point === null || samePoint(otherDays) === null) return <Empty>{t("noStart")}</Empty>;
  const metric = METRICS.find(([one]) => one === parameters.get("metric"))?.[0] ?? "registrations";
  const isDaily = parameters.get("daily") === "1";
  const aligned = align(days, otherDays, metric);
  const names = namesOf(main, other);
  const values = (counts: (number | null)[]) => (isDaily ? counts : cumulated(counts));
  const series: Series[] = [
    { name: names[0], tone: "main", values: values(aligned.main) },
    { name: names[1], tone: "earlier", values: values(aligned.other) },
  ];
  return (
    <div class="panels">
      <SeriesPanel
        title={t("daysToEvent")}
        note={t("atSamePoint", { when: distance(point) })}
        above={
          <ul class="tiles">
            {METRICS.map(([one, name]) => {
              const [mine, theirs] = [sumUntil(days, one, point), sumUntil(otherDays, one, point)];
              return (
                <Tile
                  key={one}
                  name={t(name)}
                  figure={short(mine)}
                  change={{ absolute: mine - theirs, relative: theirs ? (mine - theirs) / theirs : null }}
                  earlier={short(theirs)}
                  isInverse={one === "cancellations"}
                  onSelect={() => setParameters({ metric: one }, false)}
                  isSelected={one === metric}
                />
              );
            })}
          </ul>
        }
        controls={
          <Segments
            label={t("overTime")}
            value={isDaily ? "daily" : "total"}
            options={[
              { value: "total", name: t("cumulative") },
              { value: "daily", name: t("day") },
            ]}
            onChange={(value) => setParameters({ daily: value === "daily" ? "1" : null }, false)}
          />
        }
        head={t("daysToEvent")}
        intervals={aligned.days.map((day) => ({ short: integer(0 - day), long: distance(day) }))}
        series={series}
        height={340}
      />
    </div>
  );
}

/** Editions often have the same title; their year tells them apart. */
function namesOf(main: Figures, other: Figures): [string, string] {
  const name = (figures: Figures) => figures.title ?? t("untitled");
  if (name(main) !== name(other)) return [name(main), name(other)];
  const year = ({ dateTo }: Figures) => dateTo.slice(0, 4);
  return year(main) === year(other)
    ? [t("thisEdition"), t("otherEdition")]
    : [`${name(main)} ${year(main)}`, `${name(other)} ${year(other)}`];
}

function distance(days: number): string {
  if (days === 0) return t("onEventDay");
  return days > 0 ? t("daysBefore", { n: days }) : t("daysAfter", { n: -days });
}
