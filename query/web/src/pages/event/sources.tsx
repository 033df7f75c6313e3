//! Traffic sources with conversion; a name selects the source.

import type { Report, SourceMetrics } from "../../api/types";
import { setParameters } from "../../location";
import { BarTable } from "../../parts/bar_table";
import { Empty, Panel } from "../../parts/panel";
import { t } from "../../text/language";
import { integer, rate } from "../../text/numbers";

interface Properties {
  figures: Partial<Pick<Report, "bySource" | "otherSources">>;
  /** Whether a name is a filter. */
  canSelect?: boolean;
}

type Row = Omit<SourceMetrics, "source"> & { source: string | null; others?: number };

/** The number of sources that are listed by name. */
const LISTED = 10;

export function Sources({ figures, canSelect = true }: Properties) {
  const rows: Row[] = (figures.bySource ?? []).slice(0, LISTED);
  const rest = figures.bySource?.slice(LISTED) ?? [];
  return (
    <Panel id="sources" title={t("sources")} note={t("conversionHint")}>
      {rows.length === 0 ? (
        <Empty>{t("nothing")}</Empty>
      ) : (
        <>
          <SourceTable rows={rows} canSelect={canSelect} />
          {rest.length > 0 && (
            <details>
              <summary>{t("otherEntries", { n: rest.length + (figures.otherSources?.sources ?? 0) })}</summary>
              <SourceTable
                rows={[...rest, ...(figures.otherSources ? [{ ...figures.otherSources, source: null, others: figures.otherSources.sources }] : [])]}
                canSelect={canSelect}
              />
            </details>
          )}
        </>
      )}
    </Panel>
  );
}

function SourceTable({ rows, canSelect }: { rows: Row[]; canSelect: boolean }) {
  return (
    <BarTable
      caption={t("sources")}
      head={t("source")}
      rows={rows}
      name={({ source, others }) =>
        source === null ? (
          t("otherEntries", { n: others ?? 0 })
        ) : canSelect ? (
          <button type="button" class="link" onClick={() => setParameters({ source })}>
            <bdi>{source}</bdi>
          </button>
        ) : (
          <bdi>{source}</bdi>
        )
      }
      bars={({ uniqueViews, convertedVisitors }) => [uniqueViews, convertedVisitors]}
      columns={[
        { name: t("visitors"), value: ({ uniqueViews }) => integer(uniqueViews) },
        { name: t("registrations"), value: ({ registrations }) => integer(registrations) },
        { name: t("conversion"), hint: t("conversionHint"), value: ({ conversionRate }) => rate(conversionRate) },
        { name: t("checkedIn"), value: ({ checkIns }) => integer(checkIns) },
      ]}
    />
  );
}
