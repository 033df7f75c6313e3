//! The reporting period of a page: a preset or two days, as parameters of the URL.

import { addDays } from "../text/dates";

/** A preset: all facts, the last days, the week before the event, its day; `custom` has its own days. */
export type Preset = "all" | "7" | "28" | "90" | "week-before" | "event-day" | "custom";

export interface Period {
  preset: Preset;
  /** Both are `null` for all facts; the service chooses the days. */
  from: string | null;
  to: string | null;
}

/** The days that presets refer to. */
export interface Anchors {
  today: string;
  eventDay: string | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function presetsOf(anchors: Anchors): Preset[] {
  const { eventDay, today } = anchors;
  const ofEvent: Preset[] = [];
  if (eventDay) {
    ofEvent.push("week-before");
    if (eventDay <= today) ofEvent.push("event-day");
  }
  return ["all", "7", "28", "90", ...ofEvent];
}

/** The period of the parameters `period`, `from` and `to`; all facts if they name none. */
export function periodOf(parameters: URLSearchParams, { today, eventDay }: Anchors): Period {
  const [from, to] = [parameters.get("from") ?? "", parameters.get("to") ?? ""];
  if (DAY.test(from) && DAY.test(to)) {
    return from <= to ? { preset: "custom", from, to } : { preset: "custom", from: to, to: from };
  }
  const preset = parameters.get("period");
  if (preset === "7" || preset === "28" || preset === "90") {
    return { preset, from: addDays(today, 1 - Number(preset)), to: today };
  }
  if (eventDay && preset === "event-day") return { preset, from: eventDay, to: eventDay };
  if (eventDay && preset === "week-before") return { preset, from: addDays(eventDay, -7), to: addDays(eventDay, -1) };
  return { preset: "all", from: null, to: null };
}

/** The comparison of the parameters: by default the days before, unless the period is all facts. */
export function comparisonOf(parameters: URLSearchParams, period: Period): "previous" | "year" | null {
  const wanted = parameters.get("compare");
  if (wanted === "previous" || wanted === "year") return wanted;
  return wanted === "none" || period.preset === "all" ? null : "previous";
}
