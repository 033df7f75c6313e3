//! Counts by the hour of the day.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{
    difference::{Difference, Key, MISSING},
    pairs,
};
use crate::maintenance::events::Event;

const HOURS: &str = include_str!("hours.sql");

/// An hour in which the rollup differs from the facts, one of the two perhaps missing.
#[derive(FromQueryResult)]
struct Pair {
    tenant_id: Uuid,
    day: NaiveDate,
    event_type: String,
    hour: i16,
    rollup: Option<i64>,
    facts: Option<i64>,
}

/// What differs in the snapshot of `database`.
pub async fn compare<C: ConnectionTrait>(
    database: &C,
    event: &Event,
    default_zone: &str,
) -> Result<Vec<Difference>, DbErr> {
    let pairs: Vec<Pair> = pairs(database, HOURS, event, default_zone).await?;
    let differences = pairs.into_iter().map(|pair| {
        let side = |count: Option<i64>| count.map_or(MISSING.to_owned(), |count| count.to_string());
        Difference {
            event_id: event.event_id,
            key: Key {
                tenant_id: pair.tenant_id,
                day: pair.day,
                event_type: pair.event_type,
                source: String::new(),
                ticket_type: String::new(),
            },
            figure: format!("count from {}:00", pair.hour),
            rollup: side(pair.rollup),
            facts: side(pair.facts),
        }
    });
    Ok(differences.collect())
}
