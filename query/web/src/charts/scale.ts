//! Axes of charts: round values, and as many labels as fit.

import { scaleLinear, type ScaleLinear } from "d3-scale";

/** A vertical scale from 0 to a round number above the values; counts have no fractions. */
export function countScale(greatest: number, height: number): ScaleLinear<number, number> {
  return scaleLinear()
    .domain([0, Math.max(greatest, 4)])
    .nice(4)
    .range([height, 0]);
}

/** At most about `count` whole numbers of the scale. */
export function countTicks(scale: ScaleLinear<number, number>, count = 4): number[] {
  return scale.ticks(count).filter(Number.isInteger);
}

/** The step of labels at equal distances, none of which touches the next. */
export function labelStep(count: number, width: number, labelWidth: number): number {
  const fitting = Math.max(1, Math.floor(width / labelWidth));
  const least = Math.ceil(count / fitting);
  return [1, 2, 3, 4, 5, 6, 7, 12, 14, 24, 28, 30, 48, 60, 91, 120, 182].find((step) => step >= least) ?? least;
}

/** The upper edges of series that stand on each other. */
export function stacked(series: (number | null)[][]): number[][] {
  let below: number[] = [];
  return series.map((values) => (below = values.map((value, index) => (below[index] ?? 0) + (value ?? 0))));
}

/** The running sums of values. */
export function cumulated(values: (number | null)[]): (number | null)[] {
  let sum = 0;
  return values.map((value) => (value === null ? null : (sum += value)));
}
