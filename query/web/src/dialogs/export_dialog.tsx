//! Export of the selected days as a file. A form post, so that the browser streams the file to disk.

import { useState } from "preact/hooks";
import type { Me } from "../api/session_types";
import { Segments } from "../parts/choice";
import { Dialog } from "../parts/dialog";
import { dayRange } from "../text/dates";
import { language, t } from "../text/language";

const TARGET = "/api/v1/analytics/export";

/** The days of an event, or of all events of the organization. */
export interface ExportedFigures {
  eventId?: string;
  title?: string | null;
  dateFrom: string;
  dateTo: string;
  timezone: string;
}

interface Properties {
  figures: ExportedFigures;
  me: Me;
  onClose: () => void;
}

type Dataset = "daily" | "registrations" | "facts";

export function ExportDialog({ figures, me, onClose }: Properties) {
  const [dataset, setDataset] = useState<Dataset>("daily");
  const [format, setFormat] = useState("xlsx");
  const datasets: Dataset[] = me.canExport ? ["daily", "registrations", "facts"] : ["daily"];
  const names = { daily: t("dailyRows"), registrations: t("registrationRows"), facts: t("factRows") };
  const organizationId = new URLSearchParams(location.search).get("organization") ?? me.organizationId ?? "";
  const fields: Record<string, string | undefined> = {
    organizationId,
    eventId: figures.eventId,
    dateFrom: figures.dateFrom,
    dateTo: figures.dateTo,
    timezone: figures.timezone,
    dataset,
    format,
    // Without a byte order mark, Excel does not read a CSV as UTF-8.
    ...(format === "csv" ? { bom: "true" } : { lang: language() }),
  };
  const event = figures.eventId ? (figures.title ?? t("untitled")) : t("organization");
  return (
    <Dialog title={t("export")} onClose={onClose}>
      <form method="post" action={TARGET} onSubmit={() => setTimeout(onClose)}>
        <p class="note">{t("exportHint", { event, period: dayRange(figures.dateFrom, figures.dateTo) })}</p>
        {Object.entries(fields).map(([name, value]) => value && <input key={name} type="hidden" name={name} value={value} />)}
        <div class="field">
          <span>{t("content")}</span>
          <Segments
            label={t("content")}
            value={dataset}
            options={datasets.map((value) => ({ value, name: names[value] }))}
            onChange={(value) => setDataset(value as Dataset)}
          />
        </div>
        <div class="field">
          <span>{t("format")}</span>
          <Segments
            label={t("format")}
            value={format}
            options={[
              { value: "xlsx", name: "Excel" },
              { value: "csv", name: "CSV" },
            ]}
            onChange={setFormat}
          />
        </div>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" class="primary">
            {t("download")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
