//! Datasets as files, made while they are read, in bounded memory.
//!
//! ```text
//! store (streams) ──▶ dataset (records, columns) ──▶ table (cells) ──▶ csv · ndjson · xlsx ──▶ body
//! ```

mod batches;
#[path = "trailers.rs"]
mod body;
#[path = "formats/csv.rs"]
mod csv;
#[path = "datasets/mod.rs"]
mod dataset;
#[cfg(test)]
mod example;
#[path = "formats/json.rs"]
mod json;
#[path = "formats/row_encoder.rs"]
mod lines;
#[path = "formats/ndjson.rs"]
mod ndjson;
#[path = "job.rs"]
mod order;
mod table;
#[path = "formats/timestamp.rs"]
mod times;
#[path = "limiter.rs"]
mod turns;
#[path = "formats/xlsx/mod.rs"]
mod xlsx;

pub use body::TRAILERS;
pub use order::{Dataset, Format, Order};
pub use table::InvalidColumns;
pub use times::Times;
pub use turns::Turns;

use futures_util::{StreamExt, TryStreamExt};
use poem::Body;
use thiserror::Error;

use crate::store::{Registration, Store, StoreError, StoredFact, TenantRead};
use batches::{Batches, batches};
use body::Seal;
use dataset::{Daily, Money, event_days};
use table::{Record, Table};

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

/// What a file of these facts looks like, in the formats that are text.
#[must_use]
pub fn sample(format: Format, facts: &[StoredFact]) -> Option<String> {
    let table = Table::of(None).ok()?;
    let text = match format {
        Format::Csv { delimiter } => {
            lines::text(csv::Csv::new(delimiter, Times::Utc), &table, facts)
        }
        Format::NdJson => lines::text(ndjson::NdJson(Times::Utc), &table, facts),
        Format::Xlsx => return None,
    };
    text.ok()
}

async fn write<T: Record>(
    order: Order,
    table: Table<T>,
    batches: Batches<T>,
    seal: Seal,
) -> Result<Body, ExportError> {
    match order.format {
        Format::Csv { delimiter } => {
            let csv = csv::Csv::new(delimiter, order.times);
            lines::body(csv, table, batches, seal).await
        }
        Format::NdJson => lines::body(ndjson::NdJson(order.times), table, batches, seal).await,
        Format::Xlsx => xlsx::body(order, table, batches, seal).await,
    }
}
