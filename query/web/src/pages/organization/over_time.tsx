//! Totals of all events, and one of them by day.

import type { DailyMetrics, Report } from "../../api/types";
import type { Series } from "../../charts/time_chart";
import { useLocation } from "../../location";
import { SeriesPanel } from "../../parts/series_panel";
import { Tile } from "../../parts/tile";
import { dayRange, longDay, shortDay } from "../../text/dates";
import { t } from "../../text/language";
import { short } from "../../text/numbers";
import { KeyFigures } from "../event/key_figures";
import { metricOf, NAMES } from "../event/selection";

interface Properties {
  report: Report;
  today: string;
}

export function OrganizationTime({ report, today }: Properties) {
  const metric = metricOf(useLocation().parameters);
  const { byDay, totals } = report;
  const comparison = report.comparison ?? null;
  const series: Series[] = [{ name: t(NAMES[metric]), tone: "main", values: byDay.map((day) => day[metric]) }];
  const earlier = (comparison as { byDay?: DailyMetrics[] } | null)?.byDay;
  if (earlier && comparison) {
    const name = dayRange(comparison.dateFrom, comparison.dateTo);
    series.push({ name, tone: "earlier", values: earlier.map((day) => day[metric]) });
  }
  return (
    <SeriesPanel
      title={t(NAMES[metric])}
      above={
        <KeyFigures figures={{ ...totals, comparison }} metric={metric}>
          {totals.noShows != null && <Tile name={t("noShows")} figure={short(totals.noShows)} />}
          <Tile
            name={t("returning")}
            figure={short(totals.returningAttendees)}
            note={t("ofAttendees", { n: totals.attendees })}
          />
        </KeyFigures>
      }
      head={t("time")}
      intervals={byDay.map(({ date }) => ({ short: shortDay(date), long: longDay(date), incomplete: date >= today }))}
      series={series}
    />
  );
}
