//! `analytics-migration verify`: whether the rollup says what the facts say.

use anyhow::Context;
use chrono::NaiveDate;
use sea_orm::{
    AccessMode, DbBackend, DbErr, FromQueryResult, IsolationLevel, Statement, TransactionTrait,
};
use uuid::Uuid;

use super::{
    Scope, Session,
    events::{Event, events},
    progress::Progress,
    table,
};
use crate::compatibility;

const VERIFY: &str = include_str!("verify.sql");
/// Differences that are printed.
const PRINTED: usize = 200;
/// Stands for a figure that one side does not have.
const MISSING: &str = "—";
/// The columns of [`Difference::row`].
const HEADER: [&str; 9] = [
    "tenant",
    "event",
    "day",
    "type",
    "source",
    "ticket type",
    "figure",
    "rollup",
    "facts",
];

/// A figure that differs.
#[derive(FromQueryResult)]
struct Difference {
    tenant_id: Uuid,
    day: NaiveDate,
    event_type: String,
    source: String,
    ticket_type: String,
    figure: String,
    rollup: Option<String>,
    facts: Option<String>,
}

/// Compares the events of `scope`, prints the differences, and returns whether there are none.
///
/// # Errors
/// When the visitor hash has changed, or an event could not be compared.
pub async fn verify(session: &Session, scope: Scope) -> anyhow::Result<bool> {
    compatibility::ensure_visitor_hash(&session.database).await?;
    let events = events(&session.database, scope)
        .await
        .context("cannot list the events")?;
    let mut progress = Progress::of("events", events.len());
    let mut differences = Vec::new();
    for event in &events {
        let found = compare(session, event)
            .await
            .with_context(|| format!("cannot compare event {}", event.event_id))?;
        differences.extend(found.into_iter().map(|found| found.row(event.event_id)));
        progress.add(1);
    }
    progress.finish();
    show(events.len(), &differences);
    Ok(differences.is_empty())
}

/// One snapshot for each event: facts and rollup are written by one statement, so every snapshot
/// must agree, also while ingest writes. While an event is rebuilt for a new time zone, its rollup
/// is not used, and there is nothing to compare.
async fn compare(session: &Session, event: &Event) -> Result<Vec<Difference>, DbErr> {
    let snapshot = session
        .database
        .begin_with_config(
            Some(IsolationLevel::RepeatableRead),
            Some(AccessMode::ReadOnly),
        )
        .await?;
    let found = if event.is_pending(&snapshot).await? {
        tracing::warn!(event = %event.event_id, "not compared: it waits for a rebuild in a new time zone");
        Vec::new()
    } else {
        let values = [
            event.event_id.into(),
            event.tenants.clone().into(),
            session.default_zone.into(),
        ];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, VERIFY, values);
        Difference::find_by_statement(statement)
            .all(&snapshot)
            .await?
    };
    snapshot.commit().await?;
    Ok(found)
}

impl Difference {
    /// As a row of the table.
    fn row(self, event_id: Uuid) -> [String; 9] {
        let side = |value: Option<String>| value.unwrap_or_else(|| MISSING.to_owned());
        [
            self.tenant_id.to_string(),
            event_id.to_string(),
            self.day.to_string(),
            self.event_type,
            self.source,
            self.ticket_type,
            self.figure,
            side(self.rollup),
            side(self.facts),
        ]
    }
}

fn show(events: usize, differences: &[[String; 9]]) {
    if differences.is_empty() {
        table::line(&format!("{events} events: rollup and facts agree"));
        return;
    }
    table::print(HEADER, 2, differences.iter().take(PRINTED).cloned());
    if differences.len() > PRINTED {
        table::line(&format!("… and {} more", differences.len() - PRINTED));
    }
    table::line(&format!(
        "differences: {} in {events} events; `analytics-migration rebuild` recounts the rollup",
        differences.len()
    ));
}
