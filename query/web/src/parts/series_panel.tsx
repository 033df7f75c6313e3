//! A panel with series over intervals, as a chart and as a table.

import type { ComponentChildren } from "preact";
import { type Interval, type Series, TimeChart } from "../charts/time_chart";
import { integer } from "../text/numbers";
import { DataTable } from "./data_table";
import { Panel } from "./panel";

interface Properties {
  title: string;
  note?: ComponentChildren;
  above?: ComponentChildren;
  controls?: ComponentChildren;
  /** The name of the first column. */
  head: string;
  intervals: Interval[];
  series: Series[];
  height?: number;
}

export function SeriesPanel({ title, note, above, controls, head, intervals, series, height }: Properties) {
  const table = () => (
    <DataTable
      caption={title}
      rows={intervals.map(({ long }, index) => ({ long, index }))}
      columns={[
        { name: head, value: ({ long }) => long },
        ...series.map(({ name, values }) => ({
          name,
          value: ({ index }: { index: number }) => (values[index] == null ? "–" : integer(values[index])),
        })),
      ]}
    />
  );
  return (
    <Panel id="time" title={title} note={note} isWide above={above} controls={controls} table={table}>
      <TimeChart label={title} {...{ intervals, series, height }} />
    </Panel>
  );
}
