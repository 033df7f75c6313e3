//! What an export is asked for with.

use analytics_shared::{event_type::EventType, problem::Problem};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use poem_openapi::{Enum, Object, types::Example};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    api::{access::ReadableOrganization, example, types::Day},
    export::{Dataset, Format, Order, Times},
    figures::ZoneClock,
    store::Selection,
};

/// What to export, and how. Unknown fields are refused.
#[derive(Clone, Debug, Object, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct ExportRequest {
    /// One event of the organization; without it, everything of the organization.
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
    /// What a row is; without it, a fact.
    #[oai(nullable)]
    pub dataset: Option<DatasetName>,
    /// The columns, in order, each once; without it, all columns of the dataset.
    #[oai(nullable, validator(min_items = 1, unique_items))]
    pub columns: Option<Vec<String>>,
    /// Types of facts, for the dataset `facts` alone; without it, all.
    #[oai(nullable, validator(min_items = 1))]
    pub event_types: Option<Vec<String>>,
    /// IANA zone of the days, and of the times in the file. Without it, days are counted in the
    /// event's own zone, or the one that all events of the organization share, else the service's
    /// default, and times are UTC.
    #[oai(nullable)]
    pub timezone: Option<String>,
    /// What stands between the cells of a CSV; without it, a comma.
    #[oai(nullable)]
    pub delimiter: Option<Delimiter>,
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
    /// A JSON object in each line.
    NdJson,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum DatasetName {
    /// A stored fact.
    Facts,
    /// A day of an event.
    Daily,
    /// A registration.
    Registrations,
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Deserialize)]
pub enum Delimiter {
    /// `,`
    #[serde(rename = ",")]
    #[oai(rename = ",")]
    Comma,
    /// `;`, which spreadsheets expect where the comma is in numbers.
    #[serde(rename = ";")]
    #[oai(rename = ";")]
    Semicolon,
    /// A tab.
    #[serde(rename = "\t")]
    #[oai(rename = "\t")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    #[oai(rename = "|")]
    Bar,
}

impl Delimiter {
    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

impl ExportRequest {
    /// Refuses what goes with another format or dataset than the one that is asked for.
    ///
    /// # Errors
    /// A problem that names the field.
    pub fn check(&self) -> Result<(), Problem> {
        if self.delimiter.is_some() && self.format != FileFormat::Csv {
            return Err(Problem::invalid(
                "delimiter",
                "is for the format `csv` alone",
            ));
        }
        let Some(event_types) = &self.event_types else {
            return Ok(());
        };
        if self.dataset_name() != DatasetName::Facts {
            let message = "are for the dataset `facts` alone";
            return Err(Problem::invalid("eventTypes", message));
        }
        if event_types.is_empty() {
            let message = "must name at least one type; without it, the file has all facts";
            return Err(Problem::invalid("eventTypes", message));
        }
        for event_type in event_types {
            let read = event_type.parse::<EventType>();
            read.map_err(|invalid| Problem::invalid("eventTypes", invalid.to_string()))?;
        }
        Ok(())
    }

    /// The dataset, of events that `organization` knows by name.
    #[must_use]
    pub fn dataset(&self, organization: &ReadableOrganization, default_zone: Tz) -> Dataset {
        match self.dataset_name() {
            DatasetName::Facts => Dataset::Facts {
                event_types: self.event_types.clone(),
            },
            DatasetName::Daily => {
                let events = organization.events.iter();
                Dataset::Daily {
                    titles: events
                        .map(|event| (event.event_id, event.title.clone()))
                        .collect(),
                    default_zone,
                }
            }
            DatasetName::Registrations => Dataset::Registrations,
        }
    }

    /// The order of a file, the days of which `clock` tells.
    #[must_use]
    pub fn order(
        self,
        dataset: Dataset,
        selection: Selection,
        clock: ZoneClock,
        now: DateTime<Utc>,
    ) -> Order {
        let zone_is_given = self.timezone.is_some();
        Order {
            dataset,
            selection,
            columns: self.columns,
            format: match self.format {
                FileFormat::Csv => Format::Csv {
                    delimiter: self.delimiter.map_or(b',', Delimiter::byte),
                },
                FileFormat::Xlsx => Format::Xlsx,
                FileFormat::NdJson => Format::NdJson,
            },
            times: if zone_is_given {
                Times::Local(clock.clone())
            } else {
                Times::Utc
            },
            clock,
            at: now,
        }
    }

    fn dataset_name(&self) -> DatasetName {
        self.dataset.unwrap_or(DatasetName::Facts)
    }
}

impl Example for ExportRequest {
    fn example() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            event_id: Some(example::EVENT),
            organization_id: example::ORGANIZATION,
            date_from: Day(example::period().from),
            date_to: Day(example::period().to),
            format: FileFormat::Csv,
            dataset: Some(DatasetName::Facts),
            columns: Some(names(&["createdAt", "eventType", "source", "properties"])),
            event_types: Some(names(&["page.view", "registration.completed"])),
            timezone: Some(example::ZONE.name().to_owned()),
            delimiter: Some(Delimiter::Semicolon),
        }
    }
}
