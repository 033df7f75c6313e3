//! Decoding of rollup rows, whose columns are the first ones in each of the statements that return
//! them.

mod array_elements;

use std::borrow::Cow;

use sea_orm::{
    QueryResult,
    sqlx::{self, Decode, Postgres, Row as _, postgres::PgRow},
};

use self::array_elements::ArrayElements;
use super::error::StoreError;
use crate::analytics::{EventKind, Link, RollupRow};

/// Decodes a column of a statement of this tier. Its type is known, and checking it for each row takes a tenth of the time
/// of a large read.
fn value<'r, T: Decode<'r, Postgres>>(row: &'r PgRow, column: usize) -> Result<T, sqlx::Error> {
    row.try_get_unchecked(column)
}

/// Decodes a row; `None` if an outer join found no rollup row.
pub(super) fn rollup_row(row: &PgRow) -> Result<Option<RollupRow<'_>>, StoreError> {
    let Some(event_type) = value::<Option<&str>>(row, 2)? else {
        return Ok(None);
    };
    let text = |index: usize| value::<&str>(row, index).map(Cow::Borrowed);
    let name: Option<&str> = value(row, 5)?;
    let visitors: Option<ArrayElements<'_, 12>> = value(row, 11)?;
    Ok(Some(RollupRow {
        event_id: value(row, 0)?,
        day: value(row, 1)?,
        kind: event_kind(event_type)?,
        source: text(3)?,
        ticket_type: text(4)?,
        ticket_type_name: name.map(Cow::Borrowed),
        currency: text(6)?,
        count: non_negative(value(row, 7)?)?,
        amount_cents: value(row, 8)?,
        hours: hours(row)?,
        visitors: visitors.unwrap_or_default().values().collect(),
        links: links(row)?,
    }))
}

/// Decodes the pairs of an array of two dimensions.
fn links(row: &PgRow) -> Result<Vec<Link>, StoreError> {
    let hashes: Option<ArrayElements<'_, 12>> = value(row, 12)?;
    let hashes: Vec<i64> = hashes.unwrap_or_default().values().collect();
    let (pairs, _) = hashes.as_chunks();
    let links = pairs.iter().map(|&[visitor, user]| Link { visitor, user });
    Ok(links.collect())
}

/// Returns the row of the driver, whose columns are accessible by index without a lookup by name.
pub(super) fn driver_row(row: &QueryResult) -> Result<&PgRow, StoreError> {
    row.try_as_pg_row()
        .ok_or(StoreError::UnexpectedRow("not a row of PostgreSQL"))
}

pub(super) fn non_negative(count: i64) -> Result<u64, StoreError> {
    u64::try_from(count).map_err(|_| StoreError::UnexpectedRow("a negative count"))
}

fn hours(row: &PgRow) -> Result<Vec<(u8, u32)>, StoreError> {
    let out_of_range = |_| StoreError::UnexpectedRow("an hour or its count is out of range");
    let hours: Option<ArrayElements<'_, 6>> = value(row, 9)?;
    let counts: Option<ArrayElements<'_, 8>> = value(row, 10)?;
    let mut counts = counts.as_ref().map(ArrayElements::<8>::values);
    let mut by_hour = Vec::<(u8, u32)>::new();
    for hour in hours.unwrap_or_default().values() {
        let hour = u8::try_from(hour).map_err(out_of_range)?;
        if hour >= 24 {
            return Err(StoreError::UnexpectedRow("an hour above 23"));
        }
        let count = counts.as_mut().map_or(Some(1), Iterator::next);
        let count = u32::try_from(count.unwrap_or_default()).map_err(out_of_range)?;
        match by_hour.last_mut() {
            // Facts of a batch mostly have the same hour.
            Some((last, sum)) if *last == hour => *sum += count,
            _ => by_hour.push((hour, count)),
        }
    }
    Ok(by_hour)
}

/// Returns the kind of a requested event type.
pub(super) fn event_kind(event_type: &str) -> Result<EventKind, StoreError> {
    EventKind::from_event_type(event_type).ok_or(StoreError::UnexpectedRow(
        "an event type that was not requested",
    ))
}

pub(super) fn event_types(kinds: &[EventKind]) -> Vec<String> {
    let names = kinds.iter().map(|kind| kind.event_type().to_owned());
    names.collect()
}
