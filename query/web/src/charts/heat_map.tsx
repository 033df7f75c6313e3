//! Activity by weekday and hour.

import { useState } from "preact/hooks";
import { weekdays } from "../text/dates";
import { t } from "../text/language";
import { integer } from "../text/numbers";
import { ChartSvg, Spoken } from "./frame";
import { useWidth } from "./use_width";

/** The number of shades of a cell with activity. */
const SHADES = 5;
const [LABEL, BOTTOM, GAP] = [40, 22, 2];

interface Properties {
  label: string;
  /** Counts by weekday from Monday, and by hour. */
  counts: number[][];
}

/** The shade of a count, from 0 (none) to 5. */
export function shade(count: number, greatest: number): number {
  return count === 0 ? 0 : Math.max(1, Math.ceil((count / greatest) * SHADES));
}

export function HeatMap({ label, counts }: Properties) {
  const { element, width } = useWidth<HTMLDivElement>();
  const [chosen, setChosen] = useState<[number, number] | null>(null);
  const greatest = Math.max(1, ...counts.flat());
  const size = Math.max(4, (width - LABEL) / 24);
  const row = Math.min(30, Math.max(18, size));
  const [short, long] = [weekdays("short"), weekdays("long")];
  const select = (day: number, hour: number) => setChosen([Math.max(0, Math.min(6, day)), Math.max(0, Math.min(23, hour))]);
  const onKeyDown = (event: KeyboardEvent) => {
    const [day, hour] = chosen ?? [0, -1];
    const moves: Record<string, [number, number]> = {
      ArrowRight: [day, hour + 1],
      ArrowLeft: [day, hour - 1],
      ArrowUp: [day - 1, Math.max(0, hour)],
      ArrowDown: [chosen ? day + 1 : 0, Math.max(0, hour)],
      Home: [day, 0],
      End: [day, 23],
    };
    const move = moves[event.key];
    if (event.key === "Escape") setChosen(null);
    if (!move) return;
    event.preventDefault();
    select(...move);
  };
  const onPointerMove = (event: PointerEvent) => {
    const bounds = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left - LABEL, event.clientY - bounds.top];
    if (x < 0 || y > row * 7) setChosen(null);
    else select(Math.floor(y / row), Math.floor(x / size));
  };
  const clear = () => setChosen(null);
  const handlers = { onPointerMove, onPointerLeave: clear, onKeyDown, onBlur: clear };
  const reading = chosen && `${long[chosen[0]]}, ${clockHour(chosen[1])}: ${integer(counts[chosen[0]]?.[chosen[1]] ?? 0)}`;
  return (
    <div ref={element}>
      {width > 0 && (
        <ChartSvg label={label} width={width} height={row * 7 + BOTTOM} cursor={{ handlers }}>
          {counts.map((hours, day) => (
            <g key={day} transform={`translate(${LABEL} ${day * row})`}>
              <text class="tick" x={-10} y={row / 2} dy="0.32em" text-anchor="end">
                {short[day]}
              </text>
              {hours.map((count, hour) => (
                <rect
                  key={hour}
                  class={`cell shade-${shade(count, greatest)}${chosen?.[0] === day && chosen[1] === hour ? " chosen" : ""}`}
                  x={hour * size}
                  y={0}
                  width={Math.max(1, size - GAP)}
                  height={row - GAP}
                  rx={2}
                />
              ))}
            </g>
          ))}
          {[0, 6, 12, 18].map((hour) => (
            <text key={hour} class="tick" x={LABEL + hour * size} y={row * 7 + 15}>
              {clockHour(hour)}
            </text>
          ))}
        </ChartSvg>
      )}
      <div class="scale" aria-hidden="true">
        <span class="reading">{reading}</span>
        <span>{t("fewer")}</span>
        <svg width="86" height="12">
          {Array.from({ length: SHADES + 1 }, (_, level) => (
            <rect key={level} class={`cell shade-${level}`} x={level * 14} width={12} height={12} rx={2} />
          ))}
        </svg>
        <span>{t("more")}</span>
      </div>
      <Spoken>{reading}</Spoken>
    </div>
  );
}

export function clockHour(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}
