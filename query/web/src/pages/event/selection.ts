//! The selection of the event page, from the parameters of the URL.

import type { Figures } from "../../api/types";
import { type Anchors, comparisonOf, periodOf } from "../../selection/period";
import type { Selection } from "../../selection/query";
import { addDays, dayIn } from "../../text/dates";
import type { Key } from "../../text/language";

export type { Anchors };
export type Metric = "views" | "uniqueViews" | "registrations" | "cancellations" | "checkIns";
export type Granularity = "hour" | "day" | "week" | "month";

/** The names of the metrics. */
export const NAMES: Record<Metric, Key> = {
  views: "views",
  uniqueViews: "visitors",
  registrations: "registrations",
  cancellations: "cancellations",
  checkIns: "checkIns",
};

export interface View {
  selection: Selection;
  metric: Metric;
  granularity: Granularity;
  isCumulative: boolean;
  /** Whether series may be split, and the dimension of their parts. */
  canSplit: boolean;
  split: "source" | "ticketType" | null;
  details: "always" | null;
}

/** Today and the day of the event, in the time zone of the event. */
export function anchorsOf(about: Figures | null, now: number): Anchors {
  const today = dayIn(about?.timezone ?? "UTC", now);
  const day = about?.byDay?.find(({ daysToEvent }) => daysToEvent != null);
  return { today, eventDay: day ? addDays(day.date, day.daysToEvent!) : null };
}

export function metricOf(parameters: URLSearchParams): Metric {
  const wanted = parameters.get("metric") ?? "";
  return wanted in NAMES ? (wanted as Metric) : "registrations";
}

/** The sections of a share link that parameters need; the service refuses parameters of other sections. */
const NEEDED_SECTIONS: Record<string, string> = {
  period: "series",
  from: "series",
  to: "series",
  compare: "series",
  granularity: "series",
  source: "sources",
  ticketType: "ticketTypes",
};

/** The parameters that a share link with these sections permits; all of them without a link. */
export function permitted(parameters: URLSearchParams, sections: string[] | undefined): URLSearchParams {
  const isPermitted = (name: string) => !sections || !(name in NEEDED_SECTIONS) || sections.includes(NEEDED_SECTIONS[name]!);
  return new URLSearchParams([...parameters].filter(([name]) => isPermitted(name)));
}

export function viewOf(parameters: URLSearchParams, anchors: Anchors, isShared: boolean): View {
  const period = periodOf(parameters, anchors);
  const one = <T extends string>(name: string, allowed: T[]): T | null => {
    const value = parameters.get(name) as T | null;
    return value !== null && allowed.includes(value) ? value : null;
  };
  const metric = metricOf(parameters);
  const isOneDay = period.from !== null && period.from === period.to;
  const granularity = one("granularity", ["hour", "day", "week", "month"]) ?? (isOneDay ? "hour" : "day");
  // Distinct visitors of several days, or of several sources, do not add up; the service splits no hours.
  const addsUp = metric !== "uniqueViews";
  const canSplit = !isShared && addsUp && granularity !== "hour";
  return {
    selection: {
      period,
      compare: comparisonOf(parameters, period),
      source: parameters.get("source"),
      ticketType: parameters.get("ticketType"),
    },
    metric,
    granularity,
    isCumulative: parameters.get("cumulative") === "1" && addsUp,
    canSplit,
    split: canSplit ? one("split", ["source", "ticketType"]) : null,
    details: one("details", ["always"]),
  };
}

/** Whether the days of the selection depend on the event, which is read first. */
export function needsAnchors(parameters: URLSearchParams): boolean {
  return parameters.has("period") && !parameters.has("from");
}

/** Whether the selection is the whole event without a filter. */
export function isWhole({ selection }: View): boolean {
  const { period, source, ticketType } = selection;
  return period.preset === "all" && !source && !ticketType;
}
