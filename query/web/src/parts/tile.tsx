//! A key figure with its change since the comparison period.

import type { ComponentChildren } from "preact";
import type { Change } from "../api/types";
import { t } from "../text/language";
import { change as percent, short } from "../text/numbers";

interface Properties {
  name: string;
  /** The figure, formatted. */
  figure: string;
  note?: ComponentChildren;
  change?: Change | null | undefined;
  /** The figure of the comparison period. */
  earlier?: string | undefined;
  /** Whether more is worse, as of cancellations. */
  isInverse?: boolean;
  /** Selects the series of this figure in the chart below. */
  onSelect?: (() => void) | undefined;
  isSelected?: boolean;
}

export function Tile({ name, figure, note, change, earlier, isInverse = false, onSelect, isSelected = false }: Properties) {
  const content = (
    <>
      <span class="name">{name}</span>
      <span class={`figure${figure.length > 9 ? " long" : ""}`}>{figure}</span>
      {note && <span class="note">{note}</span>}
      {change && <ChangeMark change={change} earlier={earlier} isInverse={isInverse} />}
    </>
  );
  return (
    <li class={`tile${isSelected ? " selected" : ""}`}>
      {onSelect ? (
        <button type="button" aria-pressed={isSelected} onClick={onSelect}>
          {content}
        </button>
      ) : (
        <div>{content}</div>
      )}
    </li>
  );
}

interface ChangeProperties {
  change: Change;
  earlier?: string | undefined;
  isInverse?: boolean;
}

export function ChangeMark({ change, earlier, isInverse = false }: ChangeProperties) {
  const { absolute, relative } = change;
  const direction = absolute === 0 ? "same" : absolute > 0 === !isInverse ? "good" : "bad";
  const size = relative == null ? short(Math.abs(absolute)) : percent(relative);
  const words = absolute === 0 ? t("unchanged") : t(absolute > 0 ? "up" : "down", { rate: size });
  return (
    <span class="change">
      <span class={direction} aria-hidden="true">
        {absolute === 0 ? "=" : absolute > 0 ? "▲" : "▼"} {absolute === 0 ? "" : size}
      </span>
      <span class="sr-only">{words}</span>
      {earlier !== undefined && <span class="earlier"> {t("before", { n: earlier })}</span>}
    </span>
  );
}
