//! Icons, 20 by 20, drawn with the colour of the text.

const PATHS = {
  table: "M3 5h14M3 10h14M3 15h14M8 5v10",
  chart: "M3 16h14M4 13l4-5 3 3 5-7",
  export: "M10 3v9m-4-4 4 4 4-4M4 16h12",
  share: "M8 11l4-3m-4 1 4 3M6 12a2 2 0 1 1 0-4 2 2 0 0 1 0 4m8-3.500a2 2 0 1 1 0-4 2 2 0 0 1 0 4m0 7a2 2 0 1 1 0-4 2 2 0 0 1 0 4",
  close: "M5 5l10 10M15 5L5 15",
  back: "M12 4l-6 6 6 6",
  next: "M8 4l6 6-6 6",
  door: "M5 17V3h8v14M3 17h14M10.500 10v.5",
  editions: "M4 16V9m4 7V5m4 11v-5m4 5V7",
  search: "M9 14A5 5 0 1 0 9 4a5 5 0 0 0 0 10m3.500-1.500L17 17",
  print: "M6 8V3h8v5M6 14H4V8h12v6h-2M6 12h8v5H6z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
