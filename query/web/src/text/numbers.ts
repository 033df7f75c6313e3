//! Numbers, rates, money and durations in the language of the page.

import { locale, t } from "./language";

const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale() + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) formats.set(key, (known = new Intl.NumberFormat(locale(), options)));
  return known;
}

export function integer(value: number): string {
  return format({ maximumFractionDigits: 0 }).format(value);
}

export function decimal(value: number): string {
  return format({ maximumFractionDigits: 1 }).format(value);
}

/** A count that fits a tile: from a million on, abbreviated. */
export function short(value: number): string {
  return Math.abs(value) < 1e6
    ? integer(value)
    : format({ notation: "compact", maximumFractionDigits: 2 }).format(value);
}

/** A label of an axis. */
export function tick(value: number): string {
  return format(Math.abs(value) < 10_000 ? { maximumFractionDigits: 1 } : { notation: "compact" }).format(value);
}

/** A ratio as a percentage; a dash if it is unknown. */
export function rate(value: number | null | undefined): string {
  return value == null ? "–" : format({ style: "percent", maximumFractionDigits: 1 }).format(value);
}

/** A change as a percentage without its sign, which an arrow shows. */
export function change(relative: number): string {
  const size = Math.abs(relative);
  return format({ style: "percent", maximumFractionDigits: size < 0.1 ? 1 : 0 }).format(size);
}

/** An amount in minor units of a currency, with the digits of that currency (ISO 4217). */
export function money(minorUnits: number, currency: string): string {
  try {
    const style = format({ style: "currency", currency });
    const digits = style.resolvedOptions().maximumFractionDigits ?? 2;
    return style.format(minorUnits / 10 ** digits);
  } catch {
    const amount = format({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(minorUnits / 100);
    return `${amount} ${currency || `(${t("noCurrency")})`}`;
  }
}

/** A duration in its two largest units. */
export function duration(seconds: number): string {
  const units: [string, number][] = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ];
  const first = Math.max(
    0,
    units.findIndex(([, size]) => seconds >= size),
  );
  const parts: string[] = [];
  let rest = Math.round(seconds);
  for (const [unit, size] of units.slice(seconds < 1 ? 3 : first, (seconds < 1 ? 3 : first) + 2)) {
    const value = Math.floor(rest / size);
    rest -= value * size;
    if (value > 0 || parts.length === 0) {
      parts.push(format({ style: "unit", unit, unitDisplay: "narrow" }).format(value));
    }
  }
  return parts.join(" ");
}
