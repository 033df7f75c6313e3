//! `POST /export`

use analytics_shared::{
    auth::BearerToken,
    clock,
    http::JsonBody,
    problem::{Problem, Refused},
};
use poem::{Body, IntoResponse, Response, http::header, web::Data};
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    payload::{Binary, Payload},
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{Example, Type},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    PREFIX, Tag, access,
    asked::{Asked, Days},
    example,
    refusals::Exporting,
    types::Day,
};
use crate::{App, export, store::Selection};

/// The endpoint.
pub struct ExportApi;

/// Which facts to export, and how. Unknown fields are refused.
#[derive(Clone, Debug, Object, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ExportRequest {
    /// One event of the organization; without it, all facts of the organization.
    #[oai(nullable)]
    pub event_id: Option<Uuid>,
    /// The organization.
    pub organization_id: Uuid,
    /// The first day.
    pub date_from: Day,
    /// The last day; it belongs to the period.
    pub date_to: Day,
    /// The format of the file.
    pub format: FileFormat,
    /// IANA zone of the days; without it, the event's own, or the one that all events of the
    /// organization share, else the service's default. Times in the file are UTC in any case.
    #[oai(nullable)]
    pub timezone: Option<String>,
}

/// The formats of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum FileFormat {
    /// Comma-separated values (RFC 4180) in UTF-8.
    Csv,
    /// A workbook of Microsoft Excel, with typed cells.
    Xlsx,
}

impl Example for ExportRequest {
    fn example() -> Self {
        Self {
            event_id: Some(example::EVENT),
            organization_id: example::ORGANIZATION,
            date_from: Day(example::period().from),
            date_to: Day(example::period().to),
            format: FileFormat::Csv,
            timezone: Some(example::ZONE.name().to_owned()),
        }
    }
}

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Export")]
impl ExportApi {
    /// Export facts
    ///
    /// One row for each stored fact of the period, by time, with the columns `id`, `createdAt`,
    /// `eventType`, `eventId`, `userId`, `source`, `ticketTypeId`, `ticketTypeName`,
    /// `registrationId`, `amountCents`, `currency` and `properties` (JSON). All rows are of one
    /// moment. In a CSV, a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return has
    /// an apostrophe before it, so that no spreadsheet takes it for a formula.
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
    ) -> Result<FactFile, Refused<Exporting>> {
        let request = request.0;
        let organization = access::organization(&app, &caller.0, request.organization_id).await?;
        let mut zone = organization.zone;
        if let Some(event_id) = request.event_id {
            let event = access::event_of(&app, &organization, event_id).await?;
            zone = event.zone;
        }
        let asked = Asked::read(
            Days::both(request.date_from, request.date_to),
            request.timezone.as_deref(),
            zone,
            clock::now(),
        )?;
        let selection = Selection {
            tenant_id: organization.tenant_id,
            event_id: request.event_id,
            period: asked.period,
            zone: asked.zone,
        };
        let format = export::Format::from(request.format);
        let body = export::file(&app.store, selection, format)
            .await
            .map_err(Problem::from)?;
        let subject = request.event_id.unwrap_or(organization.tenant_id);
        Ok(FactFile {
            body,
            format,
            name: export::file_name(subject, asked.period, format),
        })
    }
}

impl From<FileFormat> for export::Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Csv => Self::Csv,
            FileFormat::Xlsx => Self::Xlsx,
        }
    }
}

/// A file in one of the formats. (The framework would document two answers with the same status.)
pub struct FactFile {
    body: Body,
    format: export::Format,
    name: String,
}

impl IntoResponse for FactFile {
    fn into_response(self) -> Response {
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        Response::builder()
            .content_type(self.format.media_type())
            .header(header::CONTENT_DISPOSITION, disposition)
            .header(header::TRAILER, export::TRAILERS)
            .body(self.body)
    }
}

fn text_header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}

impl ApiResponse for FactFile {
    fn meta() -> MetaResponses {
        let file = |format: export::Format| MetaMediaType {
            content_type: format.media_type(),
            schema: Binary::<Body>::schema_ref(),
        };
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The file.",
                status: Some(200),
                status_range: None,
                content: vec![file(export::Format::Csv), file(export::Format::Xlsx)],
                headers: vec![
                    text_header("Content-Disposition", "A name for the file."),
                    text_header("Trailer", "The names of the trailers."),
                ],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
