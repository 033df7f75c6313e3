//! Datasets as files, made while they are read, in bounded memory.
//!
//! ```text
//! store (streams) ──▶ dataset (records, columns) ──▶ table (cells) ──▶ csv · ndjson · xlsx ──▶ body
//! ```

mod batches;
mod body;
mod csv;
mod dataset;
#[cfg(test)]
mod example;
mod json;
mod lines;
mod ndjson;
mod table;
mod times;
mod turns;
mod xlsx;

pub use body::TRAILERS;
pub use table::InvalidColumns;
pub use times::Clock;
pub use turns::Turns;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::{StreamExt, TryStreamExt};
use poem::Body;
use thiserror::Error;
use uuid::Uuid;

use crate::store::{Registration, Selection, Store, StoreError, StoredFact, TenantRead};
use batches::{Batches, batches};
use body::Seal;
use dataset::{Daily, Money, event_days};
use table::{Record, Table};

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
    /// Whose clock its times are told by.
    pub clock: Clock,
    /// The present moment.
    pub at: DateTime<Utc>,
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

/// Why there is no file.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The columns cannot be had.
    #[error(transparent)]
    Columns(#[from] InvalidColumns),
    /// The tenant has as many exports running as it may.
    #[error("{0} exports of this organization are running, and no more may run at once")]
    TooManyOfTenant(u32),
    /// The rows could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rows ended before all were read.
    #[error("the rows broke off")]
    BrokenOff,
    /// The workbook could not be written.
    #[error("writing a workbook failed: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The temporary file of a workbook, or the buffer of a CSV, could not be written.
    #[error("writing a file failed: {0}")]
    File(#[from] std::io::Error),
    /// The thread that writes a workbook failed.
    #[error("the writer of a workbook failed: {0}")]
    Writer(#[from] tokio::task::JoinError),
}

/// The file that was ordered.
///
/// A failure after the first bytes breaks the body off, so that nobody takes it for a whole file.
///
/// # Errors
/// When there are no such columns, when too many exports run, and when reading or writing fails
/// before there is anything to send.
pub async fn file(store: &Store, turns: &Turns, order: Order) -> Result<Body, ExportError> {
    let selection = order.selection;
    let columns = order.columns.as_deref();
    match &order.dataset {
        Dataset::Facts { event_types } => {
            let table = Table::<StoredFact>::of(columns)?;
            let turn = turns.take(selection.tenant_id)?;
            let facts = store
                .stream_facts(selection, event_types.as_deref())
                .await?;
            write(order, table, batches(facts), Seal::new(turn)).await
        }
        Dataset::Daily {
            titles,
            default_zone,
        } => {
            let table = Table::<Daily>::of(columns)?;
            let turn = turns.take(selection.tenant_id)?;
            let read = TenantRead {
                tenant_id: selection.tenant_id,
                event_id: selection.event_id,
                period: selection.period,
                zone: selection.zone,
                default_zone: *default_zone,
            };
            let rows = batches(store.stream_tenant_rows(&read).await?);
            let days = event_days(rows, titles.clone());
            write(order, table, days, Seal::new(turn)).await
        }
        Dataset::Registrations => {
            let table = Table::<(Registration, Money)>::of(columns)?;
            let turn = turns.take(selection.tenant_id)?;
            let found = batches(store.stream_registrations(selection).await?);
            let with_money = found.map_ok(dataset::with_money).boxed();
            write(order, table, with_money, Seal::new(turn)).await
        }
    }
}

async fn write<T: Record>(
    order: Order,
    table: Table<T>,
    batches: Batches<T>,
    seal: Seal,
) -> Result<Body, ExportError> {
    match order.format {
        Format::Csv { delimiter } => {
            let csv = csv::Csv::new(delimiter, order.clock);
            lines::body(csv, table, batches, seal).await
        }
        Format::NdJson => lines::body(ndjson::NdJson(order.clock), table, batches, seal).await,
        Format::Xlsx => xlsx::body(order, table, batches, seal).await,
    }
}

/// A name for the file: what it has, whose, and of which days.
#[must_use]
pub fn file_name(order: &Order) -> String {
    let Selection {
        tenant_id,
        event_id,
        period,
        ..
    } = order.selection;
    let subject = event_id.unwrap_or(tenant_id);
    let (dataset, extension) = (order.dataset.name(), order.format.extension());
    let (from, to) = (period.from, period.to);
    format!("analytics-{dataset}-{subject}-{from}-{to}.{extension}")
}
