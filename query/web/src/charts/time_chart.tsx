//! Lines of counts over equal intervals of time.

import { max } from "d3-array";
import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { t } from "../text/language";
import { integer } from "../text/numbers";
import { useCursor } from "./cursor";
import { BOTTOM, ChartSvg, CountAxis, leftOf, LineSample, RIGHT, Spoken, TOP } from "./frame";
import { countScale, labelStep, stacked } from "./scale";
import { useWidth } from "./use_width";

export interface Series {
  name: string;
  /** `null` where there is no value. */
  values: (number | null)[];
  /** `earlier` is dashed; parts stand on each other, and have colours of their own. */
  tone: "main" | "earlier" | "part";
  color?: string;
}

export interface Interval {
  /** The label of the axis. */
  short: string;
  /** The name of the interval for the reading of a value. */
  long: string;
  incomplete?: boolean;
}

interface Properties {
  label: string;
  intervals: Interval[];
  series: Series[];
  height?: number | undefined;
}

export function TimeChart({ label, intervals, series, height = 260 }: Properties) {
  const { element, width } = useWidth<HTMLDivElement>();
  const count = intervals.length;
  const isStacked = series[0]?.tone === "part";
  const edges = isStacked ? stacked(series.map(({ values }) => values)) : series.map(({ values }) => values);
  const y = countScale(max(edges.flat(), (value) => value ?? 0) ?? 0, height - TOP - BOTTOM);
  const left = leftOf(y);
  const right = Math.max(left + 1, width - RIGHT);
  const x = scaleLinear()
    .domain([0, Math.max(1, count - 1)])
    .range([left, right]);
  const xAt = (index: number) => (count === 1 ? (left + right) / 2 : x(index));
  const cursor = useCursor(count, (at) => Math.round(x.invert(at)));
  const { index } = cursor;

  const longest = Math.max(4, ...intervals.map(({ short }) => short.length));
  const step = labelStep(count, width - left, longest * 7 + 22);
  const isUnfinished = count > 1 && intervals[count - 1]?.incomplete === true;
  const reading = index === null ? null : intervals[index];

  return (
    <div ref={element}>
      <Legend series={series} index={index} reading={reading} />
      {width > 0 && (
        <ChartSvg {...{ label, width, height, cursor }}>
          <g transform={`translate(0 ${TOP})`}>
            <CountAxis {...{ y, left, width }} />
            {intervals.map(({ short }, at) => {
              if (at % step !== 0) return null;
              const isLast = xAt(at) > right - longest * 3.5;
              return (
                <text key={at} class="tick" x={isLast ? right : xAt(at)} y={y(0) + 18} text-anchor={isLast ? "end" : "middle"}>
                  {short}
                </text>
              );
            })}
            {series.map((one, at) => (
              <Line
                key={at}
                series={one}
                edge={edges[at]!}
                base={isStacked ? edges[at - 1] : undefined}
                isUnfinished={isUnfinished && one.tone === "main"}
                x={xAt}
                y={y}
              />
            ))}
            {index !== null && (
              <>
                <line class="cursor" x1={xAt(index)} x2={xAt(index)} y1={0} y2={y(0)} />
                {series.map(({ tone, color }, at) => {
                  const value = edges[at]![index];
                  if (value == null) return null;
                  return <circle key={at} class={`point tone-${tone}`} style={{ color }} cx={xAt(index)} cy={y(value)} r={4} />;
                })}
              </>
            )}
          </g>
        </ChartSvg>
      )}
      <Spoken>
        {reading && [reading.long, ...series.map(({ name, values }) => `${name}: ${shown(values[index!])}`)].join(", ")}
      </Spoken>
    </div>
  );
}

interface LineProperties {
  series: Series;
  edge: Value[];
  base: Value[] | undefined;
  isUnfinished: boolean;
  x: (index: number) => number;
  y: (value: number) => number;
}

type Value = number | null;

function Line({ series, edge: values, base, isUnfinished, x, y }: LineProperties) {
  const { tone, color } = series;
  const isDefined = (value: Value) => value !== null;
  const place = (_: Value, index: number) => x(index);
  const height = (value?: Value) => y(value ?? 0);
  const shape = area<Value>(place, (_, index) => height(base?.[index]), height).defined(isDefined);
  const stroke = line<Value>(place, height).defined(isDefined);
  const rest = values.length - 2;
  const lone = values.filter(isDefined).length === 1 ? values.findIndex(isDefined) : -1;
  return (
    <g class={`tone-${tone}`} style={{ color }}>
      {tone !== "earlier" && <path class="area" d={shape(values) ?? ""} />}
      <path class="line" d={stroke(isUnfinished ? values.slice(0, -1) : values) ?? ""} />
      {isUnfinished && <path class="line unfinished" d={`M${x(rest)} ${height(values[rest])}L${x(rest + 1)} ${height(values[rest + 1])}`} />}
      {lone >= 0 && <circle class="point" cx={x(lone)} cy={height(values[lone])} r={4} />}
    </g>
  );
}

function shown(value: number | null | undefined): string {
  return value == null ? "–" : integer(value);
}

interface LegendProperties {
  series: Series[];
  index: number | null;
  reading: Interval | null | undefined;
}

/** Names of the series, with their values at the cursor. */
function Legend({ series, index, reading }: LegendProperties) {
  return (
    <div class="legend" aria-hidden="true">
      {series.map(({ name, tone, color, values }, at) => (
        <span key={at} class={`entry tone-${tone}`} style={{ color }}>
          <LineSample />
          <bdi>{name}</bdi>
          {index !== null && <b>{shown(values[index])}</b>}
        </span>
      ))}
      {reading && (
        <span class="reading">
          {reading.long}
          {reading.incomplete && `, ${t("notOver")}`}
        </span>
      )}
    </div>
  );
}
