//! Rows of the statements that read rollup rows, from the rollup or recounted from facts: all of
//! them have the same first columns.

use std::{collections::HashSet, sync::Arc};

use analytics_shared::visitor_set::VisitorSet;
use sea_orm::{
    QueryResult, Value,
    sqlx::{Row as _, postgres::PgRow},
};

use super::StoreError;
use crate::figures::{Kind, Row};

/// The first columns of these statements.
#[derive(Clone, Copy)]
enum Column {
    EventId,
    Day,
    EventType,
    Source,
    TicketType,
    TicketTypeName,
    Currency,
    Count,
    AmountCents,
    Hours,
    HourCounts,
    Visitors,
}

/// Reads rows that have many texts in common, each of which it keeps once.
#[derive(Debug, Default)]
pub(super) struct RowDecoder {
    texts: HashSet<Arc<str>>,
}

impl RowDecoder {
    /// The row; `None` where an outer join has found none.
    pub fn decode(&mut self, found: &PgRow) -> Result<Option<Row>, StoreError> {
        let Some(event_type) = found.try_get::<Option<&str>, _>(Column::EventType as usize)? else {
            return Ok(None);
        };
        let name: Option<&str> = found.try_get(Column::TicketTypeName as usize)?;
        let visitors: Option<Vec<i64>> = found.try_get(Column::Visitors as usize)?;
        Ok(Some(Row {
            event_id: found.try_get(Column::EventId as usize)?,
            day: found.try_get(Column::Day as usize)?,
            kind: kind(event_type)?,
            source: self.shared(found.try_get(Column::Source as usize)?),
            ticket_type: self.shared(found.try_get(Column::TicketType as usize)?),
            ticket_type_name: name.map(|name| self.shared(name)),
            currency: self.shared(found.try_get(Column::Currency as usize)?),
            count: u64::try_from(found.try_get::<i64, _>(Column::Count as usize)?)
                .map_err(|_| StoreError::UnexpectedRow("a negative count"))?,
            amount_cents: found.try_get(Column::AmountCents as usize)?,
            hours: hours(found)?,
            visitors: visitors.map_or_else(VisitorSet::default, VisitorSet::from),
        }))
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let shared = Arc::<str>::from(text);
        self.texts.insert(Arc::clone(&shared));
        shared
    }
}

/// The row of the driver beneath a row of SeaORM, whose columns are found by their names.
pub(super) fn driver_row(found: &QueryResult) -> Result<&PgRow, StoreError> {
    found
        .try_as_pg_row()
        .ok_or(StoreError::UnexpectedRow("no row of PostgreSQL"))
}

fn hours(found: &PgRow) -> Result<Box<[(u8, u32)]>, StoreError> {
    let unexpected = |_| StoreError::UnexpectedRow("an hour or its count is out of range");
    let hours: Vec<i16> = found.try_get(Column::Hours as usize)?;
    let counts: Option<Vec<i32>> = found.try_get(Column::HourCounts as usize)?;
    let mut by_hour = Vec::<(u8, u32)>::with_capacity(hours.len());
    for (at, hour) in hours.into_iter().enumerate() {
        let hour = u8::try_from(hour)
            .ok()
            .filter(|hour| *hour < 24)
            .ok_or(StoreError::UnexpectedRow("no hour of the day"))?;
        let count = counts.as_ref().map_or(Some(&1), |counts| counts.get(at));
        let count = u32::try_from(count.copied().unwrap_or_default()).map_err(unexpected)?;
        match by_hour.last_mut() {
            // Facts of a batch are of the same hour, mostly.
            Some((last, sum)) if *last == hour => *sum += count,
            _ => by_hour.push((hour, count)),
        }
    }
    Ok(by_hour.into())
}

/// The kind of facts with that type.
pub(super) fn kind(event_type: &str) -> Result<Kind, StoreError> {
    Kind::of(event_type).ok_or(StoreError::UnexpectedRow(
        "an event type that was not asked for",
    ))
}

/// The types that facts of these kinds are stored with.
pub(super) fn names(kinds: &[Kind]) -> Vec<String> {
    let names = kinds.iter().map(|kind| kind.event_type().to_owned());
    names.collect()
}

/// The same as a parameter of a statement.
pub(super) fn event_types(kinds: &[Kind]) -> Value {
    names(kinds).into()
}
