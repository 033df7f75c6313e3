//! Formats with one line per record: each batch of records becomes a chunk of the body.

use std::sync::atomic::Ordering::Relaxed;

use futures_util::{StreamExt, TryStreamExt, stream};
use poem::Body;

use crate::{
    export::{
        batches::Batches,
        error::ExportError,
        table::{Record, Table},
        trailers::{TrailerState, body_with_trailers},
    },
    metrics,
};

/// Encodes records as lines.
pub trait RowEncoder: Send + 'static {
    const FORMAT: &'static str;

    /// Writes the header of the file, if the format has one.
    fn begin<T: Record>(&self, _table: &Table<T>, _to: &mut Vec<u8>) -> Result<(), ExportError> {
        Ok(())
    }

    fn encode<T: Record>(
        &mut self,
        table: &Table<T>,
        records: &[T],
        to: &mut Vec<u8>,
    ) -> Result<(), ExportError>;
}

/// Encodes a file in memory.
pub fn encode_text<T: Record, E: RowEncoder>(
    mut encoder: E,
    table: &Table<T>,
    records: &[T],
) -> Result<String, ExportError> {
    let mut bytes = Vec::new();
    encoder.begin(table, &mut bytes)?;
    encoder.encode(table, records, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Encodes a file as a body. Waits for the first batch, so that a failing database is reported as an error
/// and not as a truncated body.
pub async fn encode_body<T: Record, E: RowEncoder>(
    mut encoder: E,
    table: Table<T>,
    mut batches: Batches<T>,
    trailers: TrailerState,
) -> Result<Body, ExportError> {
    let mut header = Vec::new();
    encoder.begin(&table, &mut header)?;
    let rows = trailers.rows.clone();
    // The size of the last chunk and an eighth more predicts the next one.
    let mut size = 0;
    let mut chunk = move |records: &[T], mut chunk: Vec<u8>| {
        chunk.reserve(size);
        encoder.encode(&table, records, &mut chunk)?;
        size = chunk.len() + chunk.len() / 8;
        rows.fetch_add(records.len() as u64, Relaxed);
        metrics::count_exported_rows(E::FORMAT, records.len());
        Ok::<_, ExportError>(chunk.into())
    };
    let first = match batches.try_next().await? {
        Some(records) => chunk(&records, header)?,
        None => header.into(),
    };
    let rest = batches.map(move |records| chunk(&records?, Vec::new()));
    let chunks = stream::iter([Ok(first)]).chain(rest);
    Ok(body_with_trailers(chunks, trailers))
}
