//! Check-ins of a day: the running total, and the check-ins of each interval below it, laid out by time.

import { max } from "d3-array";
import { scaleLinear } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import type { CheckInCurve } from "../api/types";
import { clock } from "../text/dates";
import { t } from "../text/language";
import { integer } from "../text/numbers";
import { useCursor } from "./cursor";
import { BOTTOM, ChartSvg, CountAxis, leftOf, LineSample, RIGHT, Spoken, TOP } from "./frame";
import { countScale } from "./scale";
import { useWidth } from "./use_width";

const MINUTE = 60_000;
/** The distance between curve and bars. */
const GAP = 18;
/** The height of the bars, of the height of the chart. */
const BARS = 0.24;

interface Properties {
  label: string;
  curve: CheckInCurve;
  height?: number;
}

/** The width of a bar in minutes: at most 60 bars. */
export function barMinutes(minutes: number): number {
  return [1, 2, 5, 10, 15, 30, 60].find((size) => minutes / size <= 60) ?? 120;
}

/** The distance of the labels of hours and minutes. */
export function clockStep(minutes: number, labels: number): number {
  return [1, 5, 10, 15, 30, 60, 120, 180, 240, 360].find((size) => minutes / size <= labels) ?? 720;
}

export function StepCurve({ label, curve, height = 260 }: Properties) {
  const { element, width } = useWidth<HTMLDivElement>();
  const { points } = curve;
  const times = points.map(({ at }) => Date.parse(at));
  const [first, last] = [times[0] ?? 0, times[times.length - 1] ?? 0];
  const [from, until] = [first - MINUTE, last + MINUTE];
  const minutes = (until - from) / MINUTE;
  const bottom = height - BOTTOM;
  const barTop = bottom - (height - TOP - BOTTOM) * BARS;
  const y = countScale(points[points.length - 1]?.total ?? 0, barTop - GAP - TOP);
  const left = leftOf(y);
  const x = scaleLinear()
    .domain([from, until])
    .range([left, Math.max(left + 1, width - RIGHT)]);
  const cursor = useCursor(points.length, (at) => nearest(times, x.invert(at)));
  const { index } = cursor;

  const size = barMinutes(minutes);
  const bars = binned(points.map(({ checkIns }, number) => [times[number] ?? 0, checkIns]), first, size * MINUTE);
  const barY = scaleLinear()
    .domain([0, max(bars, ([, sum]) => sum) ?? 1])
    .range([0, bottom - barTop]);
  const steps: [number, number][] = [
    [from, 0],
    ...points.map(({ total }, number): [number, number] => [times[number] ?? 0, total]),
    [until, points[points.length - 1]?.total ?? 0],
  ];
  const shape = area<[number, number]>(([at]) => x(at), y(0), ([, total]) => y(total)).curve(curveStepAfter);
  const stroke = line<[number, number]>(([at]) => x(at), ([, total]) => y(total)).curve(curveStepAfter);
  const reading = index === null ? null : points[index];
  const barWidth = Math.max(1, x(from + size * MINUTE) - x(from) - 1);

  return (
    <div ref={element}>
      <div class="legend" aria-hidden="true">
        <span class="entry tone-main">
          <LineSample />
          <bdi>{t("total")}</bdi> {reading && <b>{integer(reading.total)}</b>}
        </span>
        <span class="entry">
          <svg class="bars" width="10" height="10">
            <rect width="10" height="10" rx="2" />
          </svg>
          <bdi>{t("perMinute")}</bdi> {reading && <b>{integer(reading.checkIns)}</b>}
        </span>
        {reading && <span class="reading">{clock(reading.at)}</span>}
      </div>
      {width > 0 && (
        <ChartSvg {...{ label, width, height, cursor }}>
          <g class="tone-main" transform={`translate(0 ${TOP})`}>
            <CountAxis {...{ y, left, width }} />
            <path class="area" d={shape(steps) ?? ""} />
            <path class="line" d={stroke(steps) ?? ""} />
          </g>
          <g class="bars">
            {bars.map(([at, sum]) => (
              <rect key={at} x={x(at)} y={bottom - barY(sum)} width={barWidth} height={barY(sum)} rx={1} />
            ))}
          </g>
          <line class="axis" x1={left} x2={width - RIGHT} y1={bottom} y2={bottom} />
          {clockLabels(points[0]?.at ?? "", from, until, clockStep(minutes, (width - left) / 64)).map(([at, text]) => (
            <text key={at} class="tick" x={x(at)} y={bottom + 18} text-anchor="middle">
              {text}
            </text>
          ))}
          {reading && <line class="cursor" x1={x(times[index!] ?? 0)} x2={x(times[index!] ?? 0)} y1={TOP} y2={bottom} />}
        </ChartSvg>
      )}
      <Spoken>
        {reading && `${clock(reading.at)}, ${t("total")}: ${integer(reading.total)}, ${t("perMinute")}: ${reading.checkIns}`}
      </Spoken>
    </div>
  );
}

function nearest(times: number[], at: number): number {
  let best = 0;
  times.forEach((time, index) => {
    if (Math.abs(time - at) < Math.abs((times[best] ?? 0) - at)) best = index;
  });
  return best;
}

/** Sums of intervals of equal length, empty ones left out. */
export function binned(points: [number, number][], from: number, length: number): [number, number][] {
  const sums = new Map<number, number>();
  for (const [at, value] of points) {
    const start = from + Math.floor((at - from) / length) * length;
    sums.set(start, (sums.get(start) ?? 0) + value);
  }
  return [...sums];
}

/** Round times of the wall clock between two instants. The offset is that of the first point. */
export function clockLabels(first: string, from: number, until: number, step: number): [number, string][] {
  const wall = Date.parse(`${first.slice(0, 19)}Z`);
  if (Number.isNaN(wall)) return [];
  const offset = wall - Date.parse(first);
  const length = step * MINUTE;
  const labels: [number, string][] = [];
  for (let at = Math.ceil((from + offset) / length) * length; at <= until + offset; at += length) {
    labels.push([at - offset, new Date(at).toISOString().slice(11, 16)]);
  }
  return labels;
}
