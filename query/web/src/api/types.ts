//! Names of the types that are generated from `openapi/query.yaml`.

import type { components } from "../../generated/openapi";

type Schemas = components["schemas"];

export type Dashboard = Schemas["Dashboard"];
export type Comparison = Schemas["DashboardComparison"];
export type TotalsChange = Schemas["TotalsChange"];
export type Change = Schemas["Change"];
export type DashboardDay = Schemas["DashboardDay"];
export type DailyMetrics = Schemas["DailyMetrics"];
export type SplitSeries = Schemas["SplitSeries"];
export type TimeBucket = Schemas["TimeBucket"];
export type HourOfWeek = Schemas["HourOfWeek"];
export type CheckInCurve = Schemas["CheckInCurve"];
export type SourceMetrics = Schemas["SourceMetrics"];
export type TicketTypeMetrics = Schemas["TicketTypeMetrics"];
export type Revenue = Schemas["Revenue"];
export type Funnel = Schemas["Funnel"];
export type FunnelStep = Schemas["FunnelStep"];
export type Report = Schemas["Report"];
export type ReportTotals = Schemas["ReportTotals"];
export type EventMetrics = Schemas["EventMetrics"];
export type LiveMetrics = Schemas["LiveMetrics"];
export type ProblemBody = Schemas["Problem"];

/** A dashboard; a share link leaves sections out. */
export type Figures = Pick<Dashboard, "eventId" | "dateFrom" | "dateTo" | "timezone"> & Partial<Dashboard>;
