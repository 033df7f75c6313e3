//! Export jobs: dataset, scope, columns and format of a file.

use std::collections::HashMap;

use poem_openapi::Enum;
use serde::Deserialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    datasets::{EventDayRecord, RegistrationRecord},
    figures::Figures,
    language::Language,
    table::Record,
    timestamp::TimestampFormat,
};
use crate::store::{StoredFact, TenantQuery};

/// An export job.
#[derive(Clone, Debug)]
pub struct ExportJob {
    pub dataset: Dataset,
    /// Event types of the dataset `facts`; `None` for all.
    pub event_types: Option<Vec<String>>,
    /// Titles of events for the dataset `daily`.
    pub titles: HashMap<Uuid, String>,
    pub query: TenantQuery,
    /// One event; `None` for all events of the tenant.
    pub event_id: Option<Uuid>,
    /// Columns in order; `None` for all.
    pub columns: Option<Vec<String>>,
    pub format: FileFormat,
    /// Language of a workbook; `None` for names of columns and minor units, as programs read them.
    pub language: Option<Language>,
    /// Figures of the first sheet of a workbook; `None` for other formats.
    pub figures: Option<Figures>,
    pub delimiter: Delimiter,
    /// Whether a CSV begins with a byte order mark.
    pub has_mark: bool,
    pub timestamps: TimestampFormat,
    /// Time at which the token expires, and the export with it.
    pub deadline: Instant,
}

impl ExportJob {
    /// Returns the file name, from dataset, event or tenant, and period.
    pub fn file_name(&self) -> String {
        let subject = self.event_id.unwrap_or(self.query.tenant_id);
        let (dataset, extension) = (self.dataset.name(), self.format.extension());
        let (from, to) = (self.query.period.from, self.query.period.to);
        format!("analytics-{dataset}-{subject}-{from}-{to}.{extension}")
    }
}

/// The dataset of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum Dataset {
    /// Stored facts.
    #[default]
    Facts,
    /// Days of events.
    Daily,
    /// Registrations.
    Registrations,
}

impl Dataset {
    pub fn name(self) -> &'static str {
        match self {
            Self::Facts => StoredFact::DATASET,
            Self::Daily => EventDayRecord::DATASET,
            Self::Registrations => RegistrationRecord::DATASET,
        }
    }
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum FileFormat {
    /// Comma-separated values (RFC 4180) in UTF-8.
    Csv,
    /// Excel workbook with typed cells.
    Xlsx,
    /// One JSON object per line.
    NdJson,
}

impl FileFormat {
    /// All formats. Generated clients decode every file as the first one, so that it is binary.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::NdJson];

    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::NdJson => "ndjson",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::NdJson => "application/x-ndjson",
        }
    }
}

/// The delimiter of the cells of a CSV; its value is the ASCII character.
#[repr(u8)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum Delimiter {
    #[default]
    Comma = b',',
    /// Spreadsheets expect it in locales with a decimal comma.
    Semicolon = b';',
    Tab = b'\t',
    Pipe = b'|',
}
