//! Lifecycle facts that are stored more than once: the ledger is there so that there are none.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use super::difference::{Difference, Key};
use crate::maintenance::events::Event;

const TWICE: &str = include_str!("twice.sql");

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    day: NaiveDate,
    event_type: String,
    subject: String,
    facts: i64,
}

/// What is stored twice in the snapshot of `database`.
pub async fn compare<C: ConnectionTrait>(
    database: &C,
    event: &Event,
) -> Result<Vec<Difference>, DbErr> {
    let values = [event.event_id.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, TWICE, values);
    let rows = Row::find_by_statement(statement).all(database).await?;
    Ok(rows
        .into_iter()
        .map(|row| Difference {
            event_id: event.event_id,
            key: Key {
                tenant_id: row.tenant_id,
                day: row.day,
                event_type: row.event_type,
                source: String::new(),
                ticket_type: String::new(),
            },
            figure: format!("facts of {}", row.subject),
            rollup: "1".to_owned(),
            facts: row.facts.to_string(),
        })
        .collect())
}
