//! The parts that the charts with axes share.

import type { ScaleLinear } from "d3-scale";
import type { ComponentChildren } from "preact";
import { t } from "../text/language";
import { tick } from "../text/numbers";
import type { Cursor } from "./cursor";
import { countTicks } from "./scale";

/** Distances of the chart from the edges, in pixels; that from the left follows the labels. */
export const [TOP, RIGHT, BOTTOM] = [12, 10, 26];

/** The distance of the chart from the left edge. */
export function leftOf(y: ScaleLinear<number, number>): number {
  return Math.max(...countTicks(y).map((value) => tick(value).length)) * 7.5 + 12;
}

interface SvgProperties {
  label: string;
  width: number;
  height: number;
  cursor: Pick<Cursor, "handlers">;
  children: ComponentChildren;
}

/** A chart that takes the focus; arrow keys move its cursor. */
export function ChartSvg({ label, width, height, cursor, children }: SvgProperties) {
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${label}. ${t("chartKeys")}`}
      tabindex={0}
      {...cursor.handlers}
    >
      {children}
    </svg>
  );
}

interface AxisProperties {
  y: ScaleLinear<number, number>;
  left: number;
  width: number;
}

/** Lines and labels of round counts. */
export function CountAxis({ y, left, width }: AxisProperties) {
  return (
    <>
      {countTicks(y).map((value) => (
        <g key={value} transform={`translate(0 ${y(value)})`}>
          <line class={value === 0 ? "axis" : "grid"} x1={left} x2={width - RIGHT} />
          <text class="tick" x={left - 10} dy="0.32em" text-anchor="end">
            {tick(value)}
          </text>
        </g>
      ))}
    </>
  );
}

/** The sample of a line in a legend. */
export function LineSample() {
  return (
    <svg width="18" height="10">
      <line class="line" x1="1" x2="17" y1="5" y2="5" />
    </svg>
  );
}

/** The value at the cursor, for screen readers. */
export function Spoken({ children }: { children: ComponentChildren }) {
  return (
    <p class="sr-only" aria-live="polite">
      {children}
    </p>
  );
}
