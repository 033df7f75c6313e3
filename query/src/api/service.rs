//! The API with its OpenAPI document.

use analytics_shared::http::{described, openapi_document};
use poem_openapi::OpenApiService;

use super::{
    dashboard::DashboardApi,
    event_list::EventListApi,
    export::ExportApi,
    funnel::FunnelApi,
    live::LiveApi,
    report::ReportApi,
    session::SessionApi,
    shares::{ShareApi, ShareSessionApi},
};

/// All endpoints.
pub type Endpoints = (
    DashboardApi,
    FunnelApi,
    ReportApi,
    EventListApi,
    LiveApi,
    ExportApi,
    SessionApi,
    ShareApi,
    ShareSessionApi,
);

const DESCRIPTION: &str = "\
Dashboards, funnels, organization reports and exports of an event-ticketing platform.

**Metrics** are exact and consistent: every response aggregates the same stored facts. Distinct \
visitors of a period are not the sum of its days. Rates are ratios (`0.25`, not 25) and `null` if the \
denominator is 0. Money is in minor units and never added up over currencies.

**Periods** are calendar days, both ends inclusive, in the `timezone` of the response. Every response \
contains its period, its time zone, and `asOf`, the time of the last change.

**Polling** is cheap: responses have a strong `ETag`. Send it in `If-None-Match` to receive 304 without \
a body while nothing has changed, whichever replica responds. Responses of 1 KiB and more are compressed for clients that \
accept gzip; each coding has an `ETag` of its own. To receive updates instead of polling, \
open `GET /events/{eventId}/live`.

**Access** requires a bearer token, or the session of a browser (`POST /app/session`). Resources of other organizations return 404, as if they did not \
exist. The role `ADMIN` reads every organization. The service may be configured to require a role for \
reading, and for exports with rows about persons: without it, the response is 403 with the code \
`missing_role`.

**Share links** give access to one event: `POST /app/share-session` returns a bearer token for its dashboard, \
funnel and live metrics, whose responses lack the fields of sections that the link does not show. A parameter \
that needs such a section, or a scan of raw facts (`timezone`, `details=always`, `groupBy=utmCampaign`), is 403 with \
the code `not_shared`. After the link has expired or is revoked, the \
response is 401 with the code `invalid_link`.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`; `errors` names the invalid \
field. Every response has the header `X-Request-Id`: the id of the request, if it has 1 to 64 letters, \
digits, `-`, `_` and `.`, else a new one.";

/// Builds the API with its document.
pub fn service() -> OpenApiService<Endpoints, ()> {
    let endpoints = (
        DashboardApi,
        FunnelApi,
        ReportApi,
        EventListApi,
        LiveApi,
        ExportApi,
        SessionApi,
        ShareApi,
        ShareSessionApi,
    );
    let version = env!("CARGO_PKG_VERSION");
    let api = OpenApiService::new(endpoints, "Analytics Service: query", version);
    described(api, DESCRIPTION)
}

/// Returns the OpenAPI document as YAML.
#[must_use]
pub fn document() -> String {
    openapi_document(&service())
}
