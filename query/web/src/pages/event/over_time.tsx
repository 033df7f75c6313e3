//! Key figures and one of them over time, with the comparison period, in parts, or as a running total.

import type { Comparison, DailyMetrics, Figures, SplitSeries, TimeBucket } from "../../api/types";
import { cumulated } from "../../charts/scale";
import type { Interval, Series } from "../../charts/time_chart";
import { setParameters } from "../../location";
import { Check, Segments, Select } from "../../parts/choice";
import { Panel } from "../../parts/panel";
import { SeriesPanel } from "../../parts/series_panel";
import { clock, dayRange, daysBetween, longDay, monthOf, shortDay } from "../../text/dates";
import { t } from "../../text/language";
import { KeyFigures } from "./key_figures";
import { type Granularity, type Metric, NAMES, type View } from "./selection";

type Entry = DailyMetrics | TimeBucket;

interface Properties {
  figures: Figures;
  view: View;
  today: string;
}

export function OverTime({ figures, view, today }: Properties) {
  const { metric, granularity, isCumulative, split } = view;
  const entries: Entry[] = (granularity === "day" ? figures.byDay : figures.series) ?? [];
  const intervals = entries.map((entry) => intervalOf(entry, granularity, today));
  const main: Series = { name: t(NAMES[metric]), tone: "main", values: entries.map((entry) => entry[metric]) };
  const earlier = earlierSeries(figures.comparison, granularity, metric, entries.length);
  const parts = split && figures.splitSeries?.map((one, index) => partOf(one, index, metric));
  const plain = parts?.length ? parts : earlier ? [main, earlier] : [main];
  const series = isCumulative ? plain.map((one) => ({ ...one, values: cumulated(one.values) })) : plain;
  const days = daysBetween(figures.dateFrom, figures.dateTo) + 1;
  const above = figures.totalViews !== undefined && <KeyFigures figures={figures} metric={metric} />;
  if (entries.length === 0) {
    return (
      <Panel id="time" title={t("metrics")} isWide above={above}>
        {null}
      </Panel>
    );
  }
  return (
    <SeriesPanel
      title={t(NAMES[metric])}
      above={above}
      controls={<Controls view={view} days={days} />}
      head={t("time")}
      intervals={intervals}
      series={series}
    />
  );
}

interface ControlsProperties {
  view: View;
  days: number;
}

function Controls({ view, days }: ControlsProperties) {
  const { granularity, metric, isCumulative, canSplit, split } = view;
  // The service limits hours to 31 days that the period names.
  const hasHours = days <= 31 && view.selection.period.from !== null;
  const lengths: Granularity[] = ["hour", "day", "week", "month"];
  const possible = lengths.filter(
    (length) => length === granularity || length === "day" || (length === "hour" ? hasHours : days > (length === "week" ? 7 : 31)),
  );
  return (
    <>
      {metric !== "uniqueViews" && (
        <Check checked={isCumulative} onChange={(checked) => setParameters({ cumulative: checked ? "1" : null }, false)}>
          {t("cumulative")}
        </Check>
      )}
      {canSplit && (
        <Select
          label={t("split")}
          value={split ?? ""}
          options={[
            { value: "", name: t("total") },
            { value: "source", name: t("source") },
            { value: "ticketType", name: t("ticketType") },
          ]}
          onChange={(value) => setParameters({ split: value }, false)}
          isActive={split !== null}
        />
      )}
      {possible.length > 1 && (
        <Segments
          label={t("granularity")}
          value={granularity}
          options={possible.map((value) => ({ value, name: t(value) }))}
          onChange={(value) => setParameters({ granularity: value })}
        />
      )}
    </>
  );
}

function intervalOf(entry: Entry, granularity: Granularity, today: string): Interval {
  if ("date" in entry) {
    return { short: shortDay(entry.date), long: longDay(entry.date), incomplete: entry.date >= today };
  }
  const { dateFrom, dateTo, startsAt, incomplete } = entry;
  switch (granularity) {
    case "hour": {
      const time = clock(startsAt);
      return { short: time === "00:00" ? shortDay(dateFrom) : time, long: `${longDay(dateFrom)}, ${time}`, incomplete };
    }
    case "month":
      return { short: monthOf(dateFrom), long: dayRange(dateFrom, dateTo), incomplete };
    default:
      return { short: shortDay(dateFrom), long: dayRange(dateFrom, dateTo), incomplete };
  }
}

/** One source or ticket type; neighbours differ in hue, and all others are grey. */
function partOf(part: SplitSeries, index: number, metric: Metric): Series {
  const { source, ticketTypeId, ticketTypeName, isOther, series } = part;
  const name = isOther ? t("other") : (source ?? ticketTypeName ?? ticketTypeId ?? t("noTicketType"));
  const [chroma, hue] = isOther ? [0, 0] : [0.13, (265 + index * 137) % 360];
  return {
    name,
    tone: "part",
    color: `light-dark(oklch(.54 ${chroma} ${hue}), oklch(.74 ${chroma} ${hue}))`,
    values: series.map((bucket) => bucket[metric]),
  };
}

/** The comparison period, interval by interval. */
function earlierSeries(comparison: Comparison | null | undefined, granularity: Granularity, metric: Metric, count: number): Series | null {
  if (!comparison) return null;
  const entries: Entry[] | null | undefined = granularity === "day" ? comparison.byDay : comparison.series;
  if (!entries) return null;
  return { name: dayRange(comparison.dateFrom, comparison.dateTo), tone: "earlier", values: entries.slice(0, count).map((entry) => entry[metric]) };
}
