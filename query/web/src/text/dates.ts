//! Days and times. A calendar day has no time zone, and a time of the API has the offset of its zone: both are
//! formatted as they are written, never in the time zone of the browser.

import { locale } from "./language";

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, timeZone = "UTC", language = locale()): Intl.DateTimeFormat {
  const key = language + timeZone + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) formats.set(key, (known = new Intl.DateTimeFormat(language, { ...options, timeZone })));
  return known;
}

/** Midnight UTC of a calendar day (`2026-11-23`). */
function midnight(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function addDays(day: string, days: number): string {
  return new Date(midnight(day) + days * DAY).toISOString().slice(0, 10);
}

/** The number of days from one calendar day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((midnight(to) - midnight(from)) / DAY);
}

/** The calendar day of an instant in a time zone. */
export function dayIn(timeZone: string, instant: string | number): string {
  const options = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  return format(options, timeZone, "en-CA").format(new Date(instant));
}

/** `23 Nov`. */
export function shortDay(day: string): string {
  return format({ day: "numeric", month: "short" }).format(midnight(day));
}

/** `Mon, 23 Nov 2026`. */
export function longDay(day: string): string {
  return format({ weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(midnight(day));
}

/** `November 2026`. */
export function monthOf(day: string): string {
  return format({ month: "short", year: "numeric" }).format(midnight(day));
}

/** `1–23 Nov 2026`. */
export function dayRange(from: string, to: string): string {
  return format({ day: "numeric", month: "short", year: "numeric" }).formatRange(midnight(from), midnight(to));
}

/** The wall clock of a time with an offset: `2026-11-23T13:05:00+01:00` is `13:05`. */
export function clock(time: string): string {
  return time.slice(11, 16);
}

/** An instant as day and wall clock in the time zone of the event. */
export function instant(time: string, timeZone: string): string {
  return format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }, timeZone).format(new Date(time));
}

/** The start of an event, with weekday, in its time zone. */
export function start(time: string, timeZone: string): string {
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
  return format(options as Intl.DateTimeFormatOptions, timeZone).format(new Date(time));
}

/** The names of the days of the week, from Monday. */
export function weekdays(length: "short" | "long"): string[] {
  return Array.from({ length: 7 }, (_, index) => format({ weekday: length }).format(midnight("2024-01-01") + index * DAY));
}
