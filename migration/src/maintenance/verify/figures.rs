//! Counts, amounts and names of ticket types.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::{
    difference::{Difference, Key, MISSING},
    pairs,
};
use crate::maintenance::events::Event;

const FIGURES: &str = include_str!("figures.sql");

/// A row of the rollup that differs from the facts, one of the two perhaps missing.
#[derive(FromQueryResult)]
struct Pair {
    tenant_id: Uuid,
    day: NaiveDate,
    event_type: String,
    source: String,
    ticket_type: String,
    currency: String,
    rollup_count: Option<i64>,
    facts_count: Option<i64>,
    rollup_amount: Option<i64>,
    facts_amount: Option<i64>,
    rollup_name: Option<String>,
    facts_name: Option<String>,
}

/// What differs in the snapshot of `database`.
pub async fn compare<C: ConnectionTrait>(
    database: &C,
    event: &Event,
    default_zone: &str,
) -> Result<Vec<Difference>, DbErr> {
    let pairs: Vec<Pair> = pairs(database, FIGURES, event, default_zone).await?;
    Ok(pairs
        .into_iter()
        .flat_map(|pair| pair.differences(event.event_id))
        .collect())
}

impl Pair {
    fn differences(self, event_id: Uuid) -> Vec<Difference> {
        let key = Key {
            tenant_id: self.tenant_id,
            day: self.day,
            event_type: self.event_type,
            source: self.source,
            ticket_type: self.ticket_type,
        };
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        let amount = format!("amount {}", self.currency);
        [
            ("count", number(self.rollup_count), number(self.facts_count)),
            (
                amount.trim_end(),
                number(self.rollup_amount),
                number(self.facts_amount),
            ),
            ("ticket type's name", self.rollup_name, self.facts_name),
        ]
        .into_iter()
        .filter(|(_, rollup, facts)| rollup != facts)
        .map(|(figure, rollup, facts)| Difference {
            event_id,
            key: key.clone(),
            figure: figure.to_owned(),
            rollup: rollup.unwrap_or_else(|| MISSING.to_owned()),
            facts: facts.unwrap_or_else(|| MISSING.to_owned()),
        })
        .collect()
    }
}
