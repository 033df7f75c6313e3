//! A part of a page with a heading, and a chart that can be read as a table.

import type { ComponentChildren } from "preact";
import { setParameters, useLocation } from "../location";
import { t } from "../text/language";
import { Icon } from "./icon";

interface Properties {
  /** The name in the parameter `table`. */
  id: string;
  title: string;
  note?: ComponentChildren;
  controls?: ComponentChildren;
  /** The table view; a panel that is a table itself has none. */
  table?: (() => ComponentChildren) | undefined;
  isWide?: boolean;
  /** Figures above the heading of the chart. */
  above?: ComponentChildren;
  children: ComponentChildren;
}

export function Panel({ id, title, note, controls, table, isWide = false, above, children }: Properties) {
  const { parameters } = useLocation();
  const shown = (parameters.get("table") ?? "").split(",").filter(Boolean);
  const isTable = table !== undefined && shown.includes(id);
  const toggle = () => {
    const next = isTable ? shown.filter((name) => name !== id) : [...shown, id];
    setParameters({ table: next.join(",") }, false);
  };
  return (
    <section class={`panel${isWide ? " wide" : ""}`} id={id} aria-labelledby={`${id}-title`}>
      {above}
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {note && <p class="note">{note}</p>}
        <div class="controls">
          {controls}
          {table && (
            <button type="button" class="quiet" onClick={toggle} aria-label={`${t(isTable ? "chart" : "table")}: ${title}`}>
              <Icon name={isTable ? "chart" : "table"} />
              {t(isTable ? "chart" : "table")}
            </button>
          )}
        </div>
      </header>
      {isTable ? table() : children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
