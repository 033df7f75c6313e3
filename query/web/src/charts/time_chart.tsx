//! Lines of counts over equal intervals of time, or areas that add up.

import { max } from "d3-array";
import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { t } from "../text/language";
import { integer } from "../text/numbers";
import { useCursor } from "./cursor";
import { BOTTOM, ChartSvg, CountAxis, leftOf, RIGHT, Spoken, TOP } from "./frame";
import { countScale, labelStep } from "./scale";
import { useWidth } from "./use_width";

export interface Series {
  name: string;
  /** `null` where there is no value. */
  values: (number | null)[];
  /** `main`, `earlier` (dashed), or the number of a colour of stacked series. */
  tone: "main" | "earlier" | number;
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
  isStacked?: boolean | undefined;
}

/** Bottom and top of a series at each interval. */
type Points = (readonly [number, number | null])[];

export function TimeChart({ label, intervals, series, height = 260, isStacked = false }: Properties) {
  const { element, width } = useWidth<HTMLDivElement>();
  const count = intervals.length;
  const layers = isStacked ? stacked(series, count) : series.map(({ values }): Points => values.map((value) => [0, value]));
  const y = countScale(max(layers.flat(), ([, top]) => top ?? 0) ?? 0, height - TOP - BOTTOM);
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
            {series.map(({ name, tone }, number) => (
              <Layer
                key={name}
                points={layers[number]!}
                tone={tone}
                isStacked={isStacked}
                isUnfinished={isUnfinished && tone === "main"}
                x={xAt}
                y={y}
              />
            ))}
            {index !== null && (
              <>
                <line class="cursor" x1={xAt(index)} x2={xAt(index)} y1={0} y2={y(0)} />
                {layers.map((points, number) => {
                  const top = points[index]?.[1];
                  if (top == null) return null;
                  return <circle key={number} {...toned(series[number]!.tone)} cx={xAt(index)} cy={y(top)} r={4} fill="currentcolor" />;
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

interface LayerProperties {
  points: Points;
  tone: Series["tone"];
  isStacked: boolean;
  isUnfinished: boolean;
  x: (index: number) => number;
  y: (value: number) => number;
}

function Layer({ points, tone, isStacked, isUnfinished, x, y }: LayerProperties) {
  const isDefined = ([, top]: Points[number]) => top !== null;
  const place = (_: unknown, index: number) => x(index);
  const upper = ([, top]: Points[number]) => y(top ?? 0);
  const shape = area<Points[number]>(place, ([bottom]) => y(bottom), upper).defined(isDefined);
  const stroke = line<Points[number]>(place, upper).defined(isDefined);
  const rest = points.length - 2;
  const lone = points.filter(isDefined).length === 1 ? points.findIndex(isDefined) : -1;
  return (
    <g {...toned(tone)}>
      {tone !== "earlier" && <path class={isStacked ? "stacked" : "area"} d={shape(points) ?? ""} />}
      <path class="line" d={stroke(isUnfinished ? points.slice(0, -1) : points) ?? ""} />
      {isUnfinished && <path class="line unfinished" d={`M${x(rest)} ${upper(points[rest]!)}L${x(rest + 1)} ${upper(points[rest + 1]!)}`} />}
      {lone >= 0 && <circle class="point" cx={x(lone)} cy={upper(points[lone]!)} r={4} />}
    </g>
  );
}

/** The colour of a series. */
function toned(tone: Series["tone"]) {
  return typeof tone === "number" ? { style: { color: `var(--c${tone})` } } : { class: `tone-${tone}` };
}

/** Each series begins where the one before it ends. */
function stacked(series: Series[], count: number): Points[] {
  const sums = new Array<number>(count).fill(0);
  return series.map(({ values }) =>
    sums.map((bottom, index) => {
      const top = bottom + (values[index] ?? 0);
      sums[index] = top;
      return [bottom, top] as const;
    }),
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
      {series.map(({ name, tone, values }) => (
        <span key={name} class="entry">
          <svg width="18" height="10" {...toned(tone)}>
            <line class="line" x1="1" x2="17" y1="5" y2="5" />
          </svg>
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
