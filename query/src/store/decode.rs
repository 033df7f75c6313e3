//! Decoding of rollup rows, whose columns are the first ones in each of the statements that return
//! them.

use std::borrow::Cow;

use sea_orm::{
    QueryResult,
    sqlx::{Row as _, postgres::PgRow},
};

use super::error::StoreError;
use crate::analytics::{EventKind, Link, RollupRow};

/// Decodes a row; `None` if an outer join found no rollup row.
pub(super) fn rollup_row(row: &PgRow) -> Result<Option<RollupRow<'_>>, StoreError> {
    let Some(event_type) = row.try_get::<Option<&str>, _>(2)? else {
        return Ok(None);
    };
    let text = |index: usize| row.try_get::<&str, _>(index).map(Cow::Borrowed);
    let name: Option<&str> = row.try_get(5)?;
    let visitors: Option<Vec<i64>> = row.try_get(11)?;
    Ok(Some(RollupRow {
        event_id: row.try_get(0)?,
        day: row.try_get(1)?,
        kind: event_kind(event_type)?,
        source: text(3)?,
        ticket_type: text(4)?,
        ticket_type_name: name.map(Cow::Borrowed),
        currency: text(6)?,
        count: non_negative(row.try_get(7)?)?,
        amount_cents: row.try_get(8)?,
        hours: hours(row)?,
        visitors: visitors.unwrap_or_default(),
        links: links(row)?,
    }))
}

/// Decodes pairs, whose hashes are in one array after the other: the driver reads arrays of one dimension.
fn links(row: &PgRow) -> Result<Vec<Link>, StoreError> {
    let hashes: Option<Vec<i64>> = row.try_get(12)?;
    let hashes = hashes.unwrap_or_default();
    let pairs = hashes.chunks_exact(2);
    let links = pairs.map(|pair| Link {
        visitor: pair[0],
        user: pair[1],
    });
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
    let hours: Vec<i16> = row.try_get(9)?;
    let counts: Option<Vec<i32>> = row.try_get(10)?;
    let mut by_hour = Vec::<(u8, u32)>::with_capacity(hours.len());
    for (at, hour) in hours.into_iter().enumerate() {
        let hour = u8::try_from(hour).map_err(out_of_range)?;
        if hour >= 24 {
            return Err(StoreError::UnexpectedRow("an hour above 23"));
        }
        let count = counts.as_ref().map_or(Some(&1), |counts| counts.get(at));
        let count = u32::try_from(count.copied().unwrap_or_default()).map_err(out_of_range)?;
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
