//! Period, comparison and filters, and the days that they select.

import type { Figures } from "../../api/types";
import { setParameters } from "../../location";
import { PeriodPicker } from "../../parts/period_picker";
import { Select } from "../../parts/choice";
import type { Anchors } from "../../selection/period";
import { dayRange } from "../../text/dates";
import { t } from "../../text/language";
import type { View } from "./selection";

interface Properties {
  view: View;
  anchors: Anchors;
  about: Figures | null;
  figures: Figures | null;
  hasSeries: boolean;
}

export function Filters({ view, anchors, about, figures, hasSeries }: Properties) {
  const { selection } = view;
  const sources = about?.bySource?.map(({ source }) => source) ?? [];
  const ticketTypes = about?.byTicketType?.flatMap((type) => ticketTypeOption(type) ?? []) ?? [];
  const comparison = figures?.comparison;
  return (
    <>
      {hasSeries && (
        <PeriodPicker period={selection.period} anchors={anchors} compare={selection.compare} days={figures} wholeName="whole" />
      )}
      {sources.length > 0 && (
        <Select
          label={t("source")}
          value={selection.source ?? ""}
          options={[{ value: "", name: t("allSources") }, ...withValue(sources.map((source) => ({ value: source, name: source })), selection.source)]}
          onChange={(source) => setParameters({ source })}
          isActive={selection.source !== null}
        />
      )}
      {ticketTypes.length > 0 && (
        <Select
          label={t("ticketType")}
          value={selection.ticketType ?? ""}
          options={[{ value: "", name: t("allTicketTypes") }, ...withValue(ticketTypes, selection.ticketType)]}
          onChange={(ticketType) => setParameters({ ticketType })}
          isActive={selection.ticketType !== null}
        />
      )}
      {figures && (
        <p class="chosen-days">
          <b>{dayRange(figures.dateFrom, figures.dateTo)}</b>
          {comparison && <span class="versus"> ↔ {dayRange(comparison.dateFrom, comparison.dateTo)}</span>}
        </p>
      )}
    </>
  );
}

type NamedOption = { value: string; name: string };

function ticketTypeOption(type: { ticketTypeId?: string | null; ticketTypeName?: string | null }): NamedOption | null {
  const value = type.ticketTypeId ?? type.ticketTypeName;
  return value ? { value, name: type.ticketTypeName ?? value } : null;
}

/** The options with the chosen value, which may be none of the most frequent. */
function withValue(options: NamedOption[], value: string | null): NamedOption[] {
  return value === null || options.some((option) => option.value === value) ? options : [...options, { value, name: value }];
}
