//! The key figures of the selection. Those with a series select the chart below them.

import type { ComponentChildren } from "preact";
import type { Figures, TotalsChange } from "../../api/types";
import { setParameters } from "../../location";
import { Tile } from "../../parts/tile";
import { type Key, t } from "../../text/language";
import { money, rate, short } from "../../text/numbers";
import type { Metric } from "./selection";

type Total = Exclude<keyof TotalsChange, `${string}Rate`>;

const TILES: [Total, Key, Metric | null][] = [
  ["totalViews", "views", "views"],
  ["uniqueViews", "visitors", "uniqueViews"],
  ["totalRegistrations", "registrations", "registrations"],
  ["confirmedRegistrations", "confirmed", null],
  ["checkedIn", "checkedIn", "checkIns"],
  ["cancellations", "cancellations", "cancellations"],
];

interface Properties {
  figures: Pick<Figures, Total | "revenue" | "comparison" | "viewToRegistrationRate" | "registrationToCheckinRate" | "cancellationRate">;
  metric: Metric;
  /** Further tiles. */
  children?: ComponentChildren;
}

export function KeyFigures({ figures, metric, children }: Properties) {
  const { comparison } = figures;
  // The currency of most payments first.
  const revenue = figures.revenue && [...figures.revenue].sort((one, other) => other.payments - one.payments);
  const notes: Partial<Record<Total, string | null>> = {
    totalRegistrations: ratio("ofViews", figures.viewToRegistrationRate),
    checkedIn: ratio("ofRegistrations", figures.registrationToCheckinRate),
    cancellations: ratio("ofRegistrations", figures.cancellationRate),
  };
  return (
    <ul class="tiles">
      {TILES.map(([total, name, series]) => (
        <Tile
          key={total}
          name={t(name)}
          figure={short(figures[total] ?? 0)}
          note={notes[total]}
          change={comparison?.change[total]}
          earlier={comparison ? short(comparison[total]) : undefined}
          isInverse={total === "cancellations"}
          onSelect={series ? () => setParameters({ metric: series }, false) : undefined}
          isSelected={series === metric}
        />
      ))}
      {revenue && (
        <Tile
          name={t("revenue")}
          figure={revenue[0] ? money(revenue[0].amountCents, revenue[0].currency) : "–"}
          note={revenue.slice(1, 3).map(({ amountCents, currency }) => (
            <span key={currency} class="line">
              {money(amountCents, currency)}
            </span>
          ))}
        />
      )}
      {children}
    </ul>
  );
}

/** A rate in words; above 1 it divides facts of different people, which is said instead. */
function ratio(words: "ofViews" | "ofRegistrations", value: number | null | undefined): string | null {
  if (value == null) return null;
  return value > 1 ? t("earlierToo") : t(words, { rate: rate(value) });
}
