//! The HTTP API: requests and answers. What figures mean is said in [`crate::figures`].

#[path = "authorization.rs"]
mod access;
#[path = "responses/conditional.rs"]
mod answer;
#[path = "params/reporting_period.rs"]
mod asked;
#[path = "responses/comparison.rs"]
mod comparison;
mod dashboard;
#[path = "event_snapshot.rs"]
mod event_reading;
#[path = "responses/examples.rs"]
mod example;
mod export;
mod funnel;
mod live;
#[path = "params/pagination.rs"]
mod paging;
#[path = "responses/metadata.rs"]
mod parts;
#[path = "params/query_params.rs"]
mod refine;
#[path = "responses/problems.rs"]
mod refusals;
mod report;
mod response_key;
#[path = "responses/time_buckets.rs"]
mod series;
#[path = "params/raw_param.rs"]
mod types;

pub use response_key::ResponseKey;

use poem_openapi::{OpenApiService, Tags};

/// All endpoints.
pub type Endpoints = (
    dashboard::DashboardApi,
    funnel::FunnelApi,
    report::ReportApi,
    live::LiveApi,
    export::ExportApi,
);

/// Where the endpoints lie.
const PREFIX: &str = "/api/v1/analytics";

#[derive(Tags)]
enum Tag {
    /// What happened around one event, or all events of an organization.
    Figures,
    /// Facts, days and registrations as files.
    Export,
}

const DESCRIPTION: &str = "\
Dashboards, funnels, organization reports and exports of an event-ticketing platform.

**Figures** are exact and agree everywhere: they are folds of the same stored facts. Distinct \
visitors of a period are never the sum of its days. Rates are ratios (`0.25`, not 25) and `null` \
where there is nothing to divide by. Money is in minor units and never added up over currencies.

**Periods** are calendar days, both ends inclusive, in the answer's `timezone`. Every answer says \
which period and zone it is about, and `asOf`: when anything of it changed last.

**Polling** is cheap: an answer has a strong `ETag`. Sent back in `If-None-Match`, it is answered with \
304 and no body as long as the figures are the same, whichever replica answers. Who would rather be \
told than ask watches an event: `GET /events/{eventId}/live`.

**Access** is by bearer token. What belongs to another organization is answered like what does \
not exist: 404. The role `ADMIN` reads every organization.

**Failures** are `application/problem+json` (RFC 9457); `code` is stable, and `errors` names the \
field that is wrong.";

/// The API with its document.
#[must_use]
pub fn service() -> OpenApiService<Endpoints, ()> {
    let endpoints = (
        dashboard::DashboardApi,
        funnel::FunnelApi,
        report::ReportApi,
        live::LiveApi,
        export::ExportApi,
    );
    OpenApiService::new(endpoints, "Analytics: reading", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
}

/// The OpenAPI document, as it is committed.
#[must_use]
pub fn document() -> String {
    service().spec_yaml()
}
