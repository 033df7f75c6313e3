//! The handler of `POST /export`.

use std::sync::Arc;

use analytics_shared::{
    auth::{InvalidToken, TokenOrSession},
    clock,
    http::JsonOrFormBody,
    problem::{Problem, ProblemResponse},
};
use poem::web::Data;
use poem_openapi::OpenApi;
use tokio::time::{Instant, timeout_at};

use super::{
    figures::{event_figures, organization_figures},
    file_response::FileResponse,
    request::ExportRequest,
};
use crate::{
    api::{
        authorization::{authorize_export, event_of_organization},
        params::{DateRangeParams, ReportingPeriod},
        responses::ExportProblems,
        routes::{PREFIX, Tag},
    },
    app::App,
    export::{FileFormat, export_file},
    metrics::{ExportMeasurement, ExportOutcome},
};

pub struct ExportApi;

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Export")]
impl ExportApi {
    /// Export facts, days or registrations
    ///
    /// All rows are from one snapshot of the database. `dataset` selects the rows:
    ///
    /// - `facts`: one row for each stored fact of the period, ordered by time, facts of bots included.
    ///   Columns: `id`, `createdAt`, `eventType`, `eventId`, `userId`, `source`, `ticketTypeId`,
    ///   `ticketTypeName`, `registrationId`, `amountCents`, `currency`, `properties` (JSON).
    /// - `daily`: one row for each event and day with facts, with the metrics of dashboards.
    ///   Columns: `eventId`, `title`, `date`, `views`, `uniqueViews`, `registrationsStarted`,
    ///   `registrations`, `cancellations`, `checkIns`, `payments`, `refunds`, `amountCents`,
    ///   `refundedCents`, `currency`, `revenue` (JSON), `refunded` (JSON).
    /// - `registrations`: one row for each registration that a fact of the period names, ordered by the time
    ///   of its first fact. Columns: `registrationId`, `eventId`, `userId`, `source`, `ticketTypeId`,
    ///   `ticketTypeName`, `startedAt`, `completedAt`, `cancelledAt`, `checkedInAt`, `paidAt`,
    ///   `refundedAt`, `amountCents`, `refundedCents`, `currency`, `revenue` (JSON), `refunded`
    ///   (JSON). Times are those of the first fact of each kind in the period; event, user, source and
    ///   ticket type are those of the completion, else of the start, else of the first fact. Facts of bots
    ///   and facts without a registration are left out.
    ///
    /// Money is never added up over currencies: `revenue` and `refunded` are sums by currency, like
    /// `{"EUR": 9800}`; `amountCents` (payments) and `refundedCents` are numbers for a single currency, and
    /// empty for several.
    ///
    /// A page sends the same fields as an HTML form (`application/x-www-form-urlencoded`), so that the browser saves the
    /// file: lists are repeated fields, and empty fields are like none.
    ///
    /// **CSV** is UTF-8 (RFC 4180). Text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return is
    /// prefixed with an apostrophe, so that spreadsheets do not evaluate it as a formula; numbers are not.
    /// **NDJSON** has one object per line, with `null` for missing values.
    ///
    /// **XLSX** begins with the sheet `Report`: the figures of the dashboard of the event, or of the report of the
    /// organization, in the period and time zone of the export, with a chart by day. They are read directly before
    /// the rows, and count all facts of the period whatever `eventTypes` and `columns` are. The sheet lists the 10
    /// largest sources, ticket types or events, and sums up the others. The rows follow in the sheet `Facts`, `Daily`
    /// or `Registrations`, in another sheet after 1,048,575 rows (`Facts 2`), and texts longer than a cell in
    /// `Long texts`; then the figures by day (`By day`) and the parameters of the export (`Parameters`). Cells are
    /// typed, headers are frozen, have a filter and are repeated on every printed page. `lang` selects the language.
    ///
    /// For example, the days of November in Berlin as a workbook, and registrations as NDJSON:
    ///
    /// ```json
    /// {"organizationId": "7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59", "dateFrom": "2026-11-01",
    ///  "dateTo": "2026-11-30", "dataset": "daily", "format": "xlsx", "timezone": "Europe/Berlin"}
    /// {"organizationId": "7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59", "dateFrom": "2026-11-01",
    ///  "dateTo": "2026-11-30", "dataset": "registrations", "format": "ndjson",
    ///  "columns": ["registrationId", "completedAt", "amountCents", "currency"]}
    /// ```
    ///
    /// **Times** are RFC 3339 in UTC, or with the offset of `timezone` if it is set. Cells of a workbook have
    /// no offset: they contain local time, and the header of the column names `timezone` if it is set.
    ///
    /// A complete file ends with the trailers `X-Row-Count` (rows without the header) and `X-Content-SHA256`
    /// (hash of the file in hexadecimal digits); over HTTP/1.1 they require `TE: trailers` in the request. A
    /// truncated file ends with a connection error; so does one that is not complete when the token expires.
    #[oai(path = "/export", method = "post", operation_id = "exportFacts")]
    async fn export(
        &self,
        app: Data<&Arc<App>>,
        token: TokenOrSession,
        request: JsonOrFormBody<ExportRequest>,
    ) -> Result<FileResponse, ProblemResponse<ExportProblems>> {
        let request = request.0;
        request.validate()?;
        let (store, now) = (&app.store, clock::now());
        let (tenant_id, dataset) = (request.organization_id, request.dataset.unwrap_or_default());
        let export = authorize_export(store, &token.0, tenant_id, dataset).await?;
        let event = match request.event_id {
            Some(id) => Some(event_of_organization(store, &export.organization, id).await?),
            None => None,
        };
        let zone = event
            .as_ref()
            .map_or(export.organization.zone, |event| event.zone);
        let dates = DateRangeParams {
            from: Some(request.date_from.0),
            to: Some(request.date_to.0),
        };
        let timezone = request.timezone.as_deref();
        let period = ReportingPeriod::resolve(store, dates, timezone, zone, now).await?;
        let deadline = Instant::now() + (token.0.expires_at() - now).to_std().unwrap_or_default();
        let mut job = request.into_job(&export, &period, deadline);
        let (name, format) = (job.file_name(), job.format);
        let measurement = ExportMeasurement::begin(format.extension());
        let exporting = async {
            let mut permit = app.exports.acquire(tenant_id)?;
            if format == FileFormat::Xlsx {
                let reader = token.0.caller().tenant_id.unwrap_or_default();
                let (app, organization) = (Arc::clone(&app), export.organization);
                // A dropped read would leave its connection in a transaction. The read keeps the permit of the export.
                let reading = tokio::spawn(async move {
                    let figures = match event {
                        Some(event) => event_figures(app, reader, event, period, now).await,
                        None => organization_figures(app, reader, organization, period, now).await,
                    };
                    (figures, permit)
                });
                let (figures, kept) = reading.await.map_err(|_| Problem::internal())?;
                job.figures = Some(figures?);
                permit = kept;
            }
            Ok::<_, Problem>(
                export_file(store, &app.exports, permit, job, measurement.clone()).await?,
            )
        };
        let exported = timeout_at(deadline, exporting).await;
        let exported = exported.unwrap_or_else(|_| Err(InvalidToken::Expired.into()));
        let body = exported.inspect_err(|problem: &Problem| {
            measurement.end(ExportOutcome::of_problem(problem.status()));
        })?;
        Ok(FileResponse { body, format, name })
    }
}
