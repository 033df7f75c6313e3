//! Figures as a table.

import type { ComponentChildren } from "preact";

export interface Column<Row> {
  name: string;
  value: (row: Row) => ComponentChildren;
  /** A column of text; others have numbers, aligned by their digits. */
  isText?: boolean;
}

interface Properties<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
}

/** The first column names the row. */
export function DataTable<Row>({ caption, columns, rows }: Properties<Row>) {
  return (
    <div class="table-scroll" role="group" aria-label={caption} tabindex={0}>
      <table>
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, isText }, index) => (
              <th key={name} scope="col" class={isText || index === 0 ? "text" : ""}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr key={number}>
              {columns.map(({ name, value, isText }, index) =>
                index === 0 ? (
                  <th key={name} scope="row">
                    {value(row)}
                  </th>
                ) : (
                  <td key={name} class={isText ? "text" : ""}>
                    {value(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
