//! `POST /export`

mod file;
mod request;

use analytics_shared::{
    auth::BearerToken,
    clock,
    http::JsonBody,
    problem::{Problem, ProblemResponse},
};
use poem::web::Data;
use poem_openapi::OpenApi;

use super::{
    PREFIX, Tag, access,
    asked::{Asked, Days},
    refusals::Exporting,
};
use crate::{App, export, store::Selection};
use file::ExportedFile;
use request::ExportRequest;

/// The endpoint.
pub struct ExportApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Export")]
impl ExportApi {
    /// Export facts, days or registrations
    ///
    /// All rows are of one moment. `dataset` says what they are:
    ///
    /// - `facts`: one row for each stored fact of the period, by time, those of robots included.
    ///   Columns: `id`, `createdAt`, `eventType`, `eventId`, `userId`, `source`, `ticketTypeId`,
    ///   `ticketTypeName`, `registrationId`, `amountCents`, `currency`, `properties` (JSON).
    /// - `daily`: one row for each event and day with facts, with the same figures as dashboards.
    ///   Columns: `eventId`, `title`, `date`, `views`, `uniqueViews`, `registrationsStarted`,
    ///   `registrations`, `cancellations`, `checkIns`, `payments`, `refunds`, `amountCents`,
    ///   `refundedCents`, `currency`, `revenue` (JSON), `refunded` (JSON).
    /// - `registrations`: one row for each registration that a fact of the period names, by the time
    ///   of its first fact. Columns: `registrationId`, `eventId`, `userId`, `source`, `ticketTypeId`,
    ///   `ticketTypeName`, `startedAt`, `completedAt`, `cancelledAt`, `checkedInAt`, `paidAt`,
    ///   `refundedAt`, `amountCents`, `refundedCents`, `currency`, `revenue` (JSON), `refunded`
    ///   (JSON). Of several facts of a kind the first of the period counts; event, user, source and
    ///   ticket type are those of its completion, else of its start, else of its first fact. Facts
    ///   of robots, and facts that name no registration, are in none.
    ///
    /// Money is never added up over currencies: `revenue` and `refunded` are sums by currency, like
    /// `{"EUR": 9800}`; `amountCents` (payments) and `refundedCents` are numbers where there is one
    /// currency, and empty where there are several.
    ///
    /// **CSV** is in UTF-8 (RFC 4180). A text that begins with `=`, `+`, `-`, `@`, a tab or a carriage
    /// return has an apostrophe before it, so that no spreadsheet takes it for a formula; numbers have
    /// none. **NDJSON** has one object in each line, with `null` where there is nothing. **XLSX** has
    /// typed cells, a frozen header and a filter; after 1,048,575 rows another sheet; a text longer
    /// than a cell whole in the sheet `Long texts`; and at the end a summary with a chart by day.
    ///
    /// For example, the days of November in Berlin as a workbook, and registrations as lines:
    ///
    /// ```json
    /// {"organizationId": "7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59", "dateFrom": "2026-11-01",
    ///  "dateTo": "2026-11-30", "dataset": "daily", "format": "xlsx", "timezone": "Europe/Berlin"}
    /// {"organizationId": "7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59", "dateFrom": "2026-11-01",
    ///  "dateTo": "2026-11-30", "dataset": "registrations", "format": "ndjson",
    ///  "columns": ["registrationId", "completedAt", "amountCents", "currency"]}
    /// ```
    ///
    /// **Times** are RFC 3339 in UTC, or with the offset of `timezone`, if that is given. Cells of a
    /// workbook hold no offset: they show what the clock shows, and the header of the column names
    /// `timezone`, if that is given.
    ///
    /// A file that breaks off ends the connection with an error. A whole one ends with the trailers
    /// `X-Row-Count` (rows without the header) and `X-Content-SHA256` (of the file's bytes, in
    /// hexadecimal digits); over HTTP/1.1 they come if the request has `TE: trailers`.
    #[oai(path = "/export", method = "post", operation_id = "exportFacts")]
    async fn export(
        &self,
        app: Data<&App>,
        caller: BearerToken,
        request: JsonBody<ExportRequest>,
    ) -> Result<ExportedFile, ProblemResponse<Exporting>> {
        let request = request.0;
        request.check()?;
        let organization = access::organization(&app, &caller.0, request.organization_id).await?;
        let mut zone = organization.zone;
        if let Some(event_id) = request.event_id {
            let event = access::event_of(&app, &organization, event_id).await?;
            zone = event.zone;
        }
        let now = clock::now();
        let days = Days::both(request.date_from, request.date_to);
        let timezone = request.timezone.as_deref();
        let asked = Asked::read(&app.store, days, timezone, zone, now).await?;
        let selection = Selection {
            tenant_id: organization.tenant_id,
            event_id: request.event_id,
            period: asked.period,
            zone: asked.zone(),
        };
        let dataset = request.dataset(&organization, app.default_zone);
        let order = request.order(dataset, selection, asked.clock, now);
        let (name, format) = (order.file_name(), order.format);
        let body = export::file(&app.store, &app.exports, order)
            .await
            .map_err(Problem::from)?;
        Ok(ExportedFile { body, format, name })
    }
}
