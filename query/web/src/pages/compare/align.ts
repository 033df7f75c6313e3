//! Two editions of an event, aligned by the days to its start.

import type { DashboardDay } from "../../api/types";

export type DayMetric = "views" | "registrations" | "cancellations" | "checkIns";

export interface Aligned {
  /** Days to the event, descending: the first is the earliest. */
  days: number[];
  /** Counts of each day; `null` outside the life of the edition, or after today. */
  main: (number | null)[];
  other: (number | null)[];
}

type Days = Pick<DashboardDay, "daysToEvent" | DayMetric>[];

function byDistance(days: Days, metric: DayMetric): Map<number, number> {
  return new Map(days.flatMap((day) => (day.daysToEvent == null ? [] : [[day.daysToEvent, day[metric]] as const])));
}

/** All days of either edition, except long stretches without anything at their ends. */
export function align(main: Days, other: Days, metric: DayMetric): Aligned {
  const [left, right] = [byDistance(main, metric), byDistance(other, metric)];
  const distances = [...activeDistances(main), ...activeDistances(other)];
  if (distances.length === 0) return { days: [], main: [], other: [] };
  const [first, last] = [Math.max(...distances), Math.min(...distances)];
  const days = Array.from({ length: first - last + 1 }, (_, index) => first - index);
  return {
    days,
    main: days.map((day) => left.get(day) ?? null),
    other: days.map((day) => right.get(day) ?? null),
  };
}

/** The distances of days on which anything happened. */
function activeDistances(days: Days): number[] {
  return days
    .filter(({ views, registrations, cancellations, checkIns }) => views + registrations + cancellations + checkIns > 0)
    .flatMap(({ daysToEvent }) => daysToEvent ?? []);
}

/** The day up to which both are summed: the last of the main edition. */
export function samePoint(main: Days): number | null {
  return main.reduce<number | null>((last, { daysToEvent }) => (daysToEvent == null ? last : Math.min(last ?? daysToEvent, daysToEvent)), null);
}

/** The sum of a metric up to a distance from the event. */
export function sumUntil(days: Days, metric: DayMetric, until: number): number {
  return days.reduce((sum, day) => (day.daysToEvent != null && day.daysToEvent >= until ? sum + day[metric] : sum), 0);
}
