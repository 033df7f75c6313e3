//! Formats of lines: every batch of records becomes a piece of the body at once.

use futures_util::{StreamExt, TryStreamExt, stream};
use poem::Body;

use super::{
    ExportError,
    batches::Batches,
    body::{Seal, whole_or_broken_off},
    table::{Record, Table},
};
use crate::metrics;

/// Writes records as lines.
pub(super) trait Lines: Send + 'static {
    /// The format's name.
    const FORMAT: &'static str;

    /// Appends what stands before all records.
    fn begin<T: Record>(&self, table: &Table<T>, to: &mut Vec<u8>) -> Result<(), ExportError>;

    /// Appends records.
    fn write<T: Record>(
        &mut self,
        table: &Table<T>,
        records: &[T],
        to: &mut Vec<u8>,
    ) -> Result<(), ExportError>;
}

/// A file of these records, as text.
pub(super) fn text<T: Record, L: Lines>(
    mut lines: L,
    table: &Table<T>,
    records: &[T],
) -> Result<String, ExportError> {
    let mut bytes = Vec::new();
    lines.begin(table, &mut bytes)?;
    lines.write(table, records, &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The body of a file of lines. Its first piece is made before anything is answered, so that a
/// database that does not answer is an error and not half a file.
pub(super) async fn body<T: Record, L: Lines>(
    mut lines: L,
    table: Table<T>,
    mut batches: Batches<T>,
    seal: Seal,
) -> Result<Body, ExportError> {
    let mut first = Vec::new();
    lines.begin(&table, &mut first)?;
    let rows = seal.rows.clone();
    // As much as the last piece was, and somewhat more, is what the next will be.
    let mut size = 0;
    let mut piece = move |records: &[T], mut piece: Vec<u8>| {
        piece.reserve(size);
        lines.write(&table, records, &mut piece)?;
        size = piece.len() + piece.len() / 8;
        rows.add(records.len());
        metrics::exported(L::FORMAT, records.len());
        Ok::<_, ExportError>(piece.into())
    };
    let begin = match batches.try_next().await? {
        Some(records) => piece(&records, first)?,
        None => first.into(),
    };
    let rest = batches.map(move |records| piece(&records?, Vec::new()));
    let pieces = stream::iter([Ok(begin)]).chain(rest);
    Ok(whole_or_broken_off(pieces, seal))
}
