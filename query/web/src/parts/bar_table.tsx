//! A table whose rows have a bar under the name. On a phone, each row takes two lines.

import type { ComponentChildren } from "preact";

export interface BarColumn<Row> {
  name: string;
  hint?: string;
  value: (row: Row) => ComponentChildren;
}

interface Properties<Row> {
  caption: string;
  head: string;
  name: (row: Row) => ComponentChildren;
  /** The lengths of the bar, from the whole to its parts. */
  bars?: (row: Row) => number[];
  columns: BarColumn<Row>[];
  rows: Row[];
}

// `display: grid` of a small screen takes the roles of a table away, so they are written out.
export function BarTable<Row>({ caption, head, name, bars, columns, rows }: Properties<Row>) {
  const greatest = Math.max(1, ...rows.flatMap((row) => bars?.(row) ?? []));
  return (
    <table class={`bar-table columns-${columns.length}`} role="table">
      <caption class="sr-only">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader" class="text">
            {head}
          </th>
          {columns.map((column) => (
            <th key={column.name} scope="col" role="columnheader" title={column.hint}>
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, number) => (
          <tr key={number} role="row">
            <th scope="row" role="rowheader">
              {name(row)}
              {bars && (
                <span class="bar" aria-hidden="true">
                  {bars(row).map(
                    (length, part) =>
                      length > 0 && <i key={part} class={`part-${part}`} style={{ width: `${(100 * length) / greatest}%` }} />,
                  )}
                </span>
              )}
            </th>
            {columns.map((column) => (
              <td key={column.name} role="cell">
                {column.value(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
