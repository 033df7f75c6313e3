//! `analytics-migration verify`: whether the rollup says what the facts say.

mod difference;
mod figures;
mod hours;
mod sets;
mod twice;

use anyhow::Context;
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, FromQueryResult, IsolationLevel, Statement,
    TransactionTrait,
};

use super::{
    Scope, Session,
    events::{Event, events},
    progress::Progress,
    table,
};
use difference::Difference;

/// Differences that are printed; who has more has seen enough.
const PRINTED: usize = 200;

/// Compares the events of `scope`, prints what differs, and returns whether nothing does.
///
/// # Errors
/// When an event could not be compared.
pub async fn verify(session: &Session, scope: Scope) -> anyhow::Result<bool> {
    let events = events(&session.database, scope)
        .await
        .context("cannot list the events")?;
    let mut progress = Progress::of("events", events.len());
    let mut differences = Vec::new();
    for event in &events {
        let found = compare(session, event)
            .await
            .with_context(|| format!("cannot compare event {}", event.event_id))?;
        differences.extend(found);
        progress.add(1);
    }
    progress.finish();
    show(events.len(), &differences);
    Ok(differences.is_empty())
}

/// One snapshot for each event: facts and rollup are written by one statement, so every snapshot
/// must agree, also while ingest writes.
async fn compare(session: &Session, event: &Event) -> Result<Vec<Difference>, DbErr> {
    let snapshot = session
        .database
        .begin_with_config(
            Some(IsolationLevel::RepeatableRead),
            Some(AccessMode::ReadOnly),
        )
        .await?;
    let mut found = figures::compare(&snapshot, event, session.default_zone).await?;
    found.extend(hours::compare(&snapshot, event, session.default_zone).await?);
    found.extend(sets::compare(&snapshot, event, session.default_zone).await?);
    found.extend(twice::compare(&snapshot, event).await?);
    snapshot.commit().await?;
    Ok(found)
}

/// What a statement finds that compares the rollup of an event with its facts.
async fn pairs<T: FromQueryResult, C: ConnectionTrait>(
    snapshot: &C,
    sql: &str,
    event: &Event,
    default_zone: &str,
) -> Result<Vec<T>, DbErr> {
    let values = [
        event.event_id.into(),
        event.tenants.clone().into(),
        default_zone.into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    T::find_by_statement(statement).all(snapshot).await
}

fn show(events: usize, differences: &[Difference]) {
    if differences.is_empty() {
        table::line(&format!("{events} events: rollup and facts agree"));
        return;
    }
    let rows = differences.iter().take(PRINTED).map(Difference::row);
    table::print(difference::HEADER, 2, rows);
    if differences.len() > PRINTED {
        table::line(&format!("… and {} more", differences.len() - PRINTED));
    }
    table::line(&format!(
        "differences: {} in {events} events; `analytics-migration rebuild` counts the rollup anew",
        differences.len()
    ));
}
