//! All events of an organization: totals, events, days and sources.

import { useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { Me } from "../../api/session_types";
import type { Report } from "../../api/types";
import { ExportDialog } from "../../dialogs/export_dialog";
import { useLocation } from "../../location";
import { Icon } from "../../parts/icon";
import { Page } from "../../parts/page";
import { PeriodPicker } from "../../parts/period_picker";
import { Message } from "../../parts/problem";
import { comparisonOf, periodOf } from "../../selection/period";
import { reportPath, type Selection } from "../../selection/query";
import { dayIn, dayRange } from "../../text/dates";
import { t } from "../../text/language";
import { RevenuePanel } from "../event/revenue";
import { Sources } from "../event/sources";
import { Events } from "./events";
import { OrganizationTime } from "./over_time";

export function OrganizationPage({ me }: { me: Me }) {
  const { parameters } = useLocation();
  const [isExporting, setExporting] = useState(false);
  const organizationId = parameters.get("organization") ?? me.organizationId;
  // Days are those of the response; "today" is only the end of a preset.
  const today = dayIn("UTC", Date.now());
  const period = periodOf(parameters, { today, eventDay: null });
  const selection: Selection = { period, compare: comparisonOf(parameters, period), source: null, ticketType: null };
  const report = useResource<Report>(organizationId ? reportPath(organizationId, selection, { size: 100, sort: "startsAt,desc" }) : null);
  if (!organizationId) return <Message title={t("forbidden")} />;
  const { data } = report;
  const comparison = data?.comparison;
  return (
    <Page
      resource={report}
      windowTitle={t("analytics")}
      title={t("organization")}
      actions={
        data && (
          <>
            <button type="button" onClick={() => setExporting(true)}>
              <Icon name="export" />
              {t("export")}
            </button>
            {isExporting && <ExportDialog figures={data} me={me} onClose={() => setExporting(false)} />}
          </>
        )
      }
      filters={
        <>
          <PeriodPicker
            period={period}
            anchors={{ today, eventDay: null }}
            compare={selection.compare}
            days={data}
            wholeName="wholeOrganization"
          />
          {data && (
            <p class="chosen-days">
              <b>{dayRange(data.dateFrom, data.dateTo)}</b>
              {comparison && <span class="versus"> ↔ {dayRange(comparison.dateFrom, comparison.dateTo)}</span>}
            </p>
          )}
        </>
      }
    >
      {data && (
        <div class="panels">
          <OrganizationTime report={data} today={today} />
          <Events organizationId={organizationId} report={data} selection={selection} />
          <Sources figures={data} canSelect={false} />
          {data.totals.revenue.length > 0 && <RevenuePanel figures={data.totals} />}
        </div>
      )}
    </Page>
  );
}
