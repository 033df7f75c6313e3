//! What is ordered: which file, of what, and how it is written.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    Times,
    dataset::{Daily, Money},
    table::Record,
};
use crate::{
    figures::ZoneClock,
    store::{Registration, Selection, StoredFact},
};

/// What a file is about, and how it is written.
#[derive(Clone, Debug)]
pub struct Order {
    /// What its rows are.
    pub dataset: Dataset,
    /// Whose they are, and of which days.
    pub selection: Selection,
    /// Its columns, in order; all without.
    pub columns: Option<Vec<String>>,
    /// Its format.
    pub format: Format,
    /// The clock that its days are told by.
    pub clock: ZoneClock,
    /// How its times are told.
    pub times: Times,
    /// The present moment.
    pub at: DateTime<Utc>,
}

impl Order {
    /// A name for the file: what it has, whose, and of which days.
    #[must_use]
    pub fn file_name(&self) -> String {
        let Selection {
            tenant_id,
            event_id,
            period,
            ..
        } = self.selection;
        let subject = event_id.unwrap_or(tenant_id);
        let (dataset, extension) = (self.dataset.name(), self.format.extension());
        let (from, to) = (period.from, period.to);
        format!("analytics-{dataset}-{subject}-{from}-{to}.{extension}")
    }
}

/// What the rows of a file are.
#[derive(Clone, Debug)]
pub enum Dataset {
    /// Stored facts.
    Facts {
        /// Types of facts; all without.
        event_types: Option<Vec<String>>,
    },
    /// Days of events.
    Daily {
        /// What events are called.
        titles: HashMap<Uuid, String>,
        /// The zone of events that name none.
        default_zone: Tz,
    },
    /// Registrations.
    Registrations,
}

impl Dataset {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Facts { .. } => StoredFact::DATASET,
            Self::Daily { .. } => Daily::DATASET,
            Self::Registrations => <(Registration, Money)>::DATASET,
        }
    }
}

/// The formats of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, RFC 4180, UTF-8.
    Csv {
        /// What stands between two cells.
        delimiter: u8,
    },
    /// A workbook of Microsoft Excel.
    Xlsx,
    /// A JSON object in each line.
    NdJson,
}

impl Format {
    /// The ending of file names.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv { .. } => "csv",
            Self::Xlsx => "xlsx",
            Self::NdJson => "ndjson",
        }
    }

    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv { .. } => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::NdJson => "application/x-ndjson",
        }
    }
}
