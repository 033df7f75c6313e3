//! The request of an export.

use analytics_shared::{event_type::EventType, parse::id, problem::Problem};
use poem_openapi::{Object, types::Example};
use serde::Deserialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    analytics::CalendarDate,
    api::{authorization::AuthorizedExport, params::ReportingPeriod, responses::examples},
    export::{Dataset, Delimiter, ExportJob, FileFormat, Language, TimestampFormat},
};

/// The parameters of an export. Unknown fields are rejected.
#[derive(Clone, Debug, Object, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ExportRequest {
    /// One event of the organization. Default: all facts of the organization.
    #[oai(nullable)]
    #[serde(default, deserialize_with = "id::deserialize_uuid")]
    pub event_id: Option<Uuid>,
    /// Organization id.
    pub organization_id: Uuid,
    /// First day.
    pub date_from: CalendarDate,
    /// Last day, inclusive.
    pub date_to: CalendarDate,
    /// Format of the file.
    pub format: FileFormat,
    /// Dataset of the rows. Default: `facts`.
    #[oai(nullable)]
    pub dataset: Option<Dataset>,
    /// Columns in order, without repetition. Default: all columns of the dataset.
    #[oai(nullable, validator(min_items = 1, unique_items))]
    pub columns: Option<Vec<String>>,
    /// Event types, for the dataset `facts` only. Default: all.
    #[oai(nullable, validator(min_items = 1))]
    pub event_types: Option<Vec<String>>,
    /// IANA time zone of the days and of the times in the file. Default: days in the time zone of the event, or
    /// of all events of the organization if they have the same, else the default of the service; times in
    /// UTC.
    #[oai(nullable)]
    pub timezone: Option<String>,
    /// Delimiter of the cells of a CSV. Default: `comma`.
    #[oai(nullable)]
    pub delimiter: Option<Delimiter>,
    /// Whether a CSV begins with a byte order mark, without which Excel does not read it as UTF-8. Default: no.
    #[oai(nullable)]
    pub bom: Option<bool>,
    /// Language of a workbook: of its headings, sheet names, dates, and amounts, which are in the units of their
    /// currency. Default: the first sheet in English; the sheets of rows with the names of the columns and amounts in
    /// minor units, as in CSV and NDJSON.
    #[oai(nullable)]
    pub lang: Option<Language>,
}

impl ExportRequest {
    /// Rejects parameters of another format or dataset, and invalid event types.
    ///
    /// # Errors
    /// Fails with a problem that names the field.
    pub fn validate(&self) -> Result<(), Problem> {
        for (field, is_set, format) in [
            ("delimiter", self.delimiter.is_some(), FileFormat::Csv),
            ("bom", self.bom.is_some(), FileFormat::Csv),
            ("lang", self.lang.is_some(), FileFormat::Xlsx),
        ] {
            if is_set && self.format != format {
                let name = format.extension();
                let message = format!("is allowed for the format `{name}` only");
                return Err(Problem::invalid(field, message));
            }
        }
        let Some(event_types) = &self.event_types else {
            return Ok(());
        };
        if self.dataset.unwrap_or_default() != Dataset::Facts {
            let message = "is allowed for the dataset `facts` only";
            return Err(Problem::invalid("eventTypes", message));
        }
        if event_types.is_empty() {
            let message = "must name at least one event type, or be omitted for all facts";
            return Err(Problem::invalid("eventTypes", message));
        }
        for event_type in event_types {
            let parsed = event_type.parse::<EventType>();
            parsed.map_err(|invalid| Problem::invalid("eventTypes", invalid.to_string()))?;
        }
        Ok(())
    }

    pub fn into_job(
        self,
        export: &AuthorizedExport,
        period: &ReportingPeriod,
        deadline: Instant,
    ) -> ExportJob {
        let events = export.organization.events.iter();
        ExportJob {
            dataset: export.dataset,
            event_types: self.event_types,
            titles: events
                .map(|event| (event.event_id, event.title.clone()))
                .collect(),
            query: period.tenant_query(export.organization.tenant_id, period.period),
            event_id: self.event_id,
            columns: self.columns,
            format: self.format,
            language: self.lang,
            figures: None,
            delimiter: self.delimiter.unwrap_or_default(),
            has_mark: self.bom.unwrap_or_default(),
            timestamps: match self.timezone {
                Some(_) => TimestampFormat::Local(period.rules.clone()),
                None => TimestampFormat::Utc,
            },
            deadline,
        }
    }
}

impl Example for ExportRequest {
    fn example() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            event_id: Some(examples::EVENT),
            organization_id: examples::ORGANIZATION,
            date_from: CalendarDate(examples::period().from),
            date_to: CalendarDate(examples::period().to),
            format: FileFormat::Csv,
            dataset: Some(Dataset::Facts),
            columns: Some(names(&["createdAt", "eventType", "source", "properties"])),
            event_types: Some(names(&["page.view", "registration.completed"])),
            timezone: Some(examples::ZONE.name().to_owned()),
            delimiter: Some(Delimiter::Semicolon),
            bom: Some(true),
            lang: None,
        }
    }
}
