//! Period and comparison: presets, or two days.

import { setParameters } from "../location";
import { type Anchors, type Period, presetsOf } from "../selection/period";
import { type Key, t } from "../text/language";
import { Select } from "./choice";

interface Properties {
  period: Period;
  anchors: Anchors;
  compare: "previous" | "year" | null;
  /** The days of the response, with which the custom days begin. */
  days: { dateFrom: string; dateTo: string } | null;
  wholeName: Key;
}

export function PeriodPicker({ period, anchors, compare, days, wholeName }: Properties) {
  const nameOf = (preset: string) => {
    if (preset === "all") return t(wholeName);
    if (preset === "week-before") return t("weekBefore");
    if (preset === "event-day") return t("eventDay");
    return preset === "custom" ? t("custom") : t("lastDays", { n: Number(preset) });
  };
  const from = period.from ?? days?.dateFrom ?? anchors.today;
  const to = period.to ?? days?.dateTo ?? anchors.today;
  const choose = (preset: string) =>
    setParameters(
      preset === "custom" ? { period: null, from, to } : { period: preset === "all" ? null : preset, from: null, to: null },
    );
  return (
    <>
      <Select
        label={t("period")}
        value={period.preset}
        options={[...presetsOf(anchors), "custom"].map((value) => ({ value, name: nameOf(value) }))}
        onChange={choose}
        isActive={period.preset !== "all"}
      />
      {period.preset === "custom" && (
        <span class="days">
          <DayInput label={t("from")} value={from} onChange={(value) => setParameters({ from: value, to })} />
          <DayInput label={t("to")} value={to} onChange={(value) => setParameters({ from, to: value })} />
        </span>
      )}
      <Select
        label={t("compare")}
        value={compare ?? "none"}
        options={[
          { value: "none", name: t("noComparison") },
          { value: "previous", name: t("previousPeriod") },
          { value: "year", name: t("previousYear") },
        ]}
        onChange={(value) => setParameters({ compare: value })}
        isActive={compare !== null}
      />
    </>
  );
}

function DayInput({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label class="select">
      <span>{label}</span>
      <input type="date" value={value} onChange={(event) => event.currentTarget.value && onChange(event.currentTarget.value)} />
    </label>
  );
}
