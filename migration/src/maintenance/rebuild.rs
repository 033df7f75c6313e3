//! `analytics-migration rebuild`: recounts the rollup from the facts, while batches continue.

use analytics_shared::database::advisory_lock::lock_event;
use anyhow::Context;
use sea_orm::{ConnectionTrait, DbErr, raw_sql};

use super::{
    events::{Event, Scope, events},
    progress::Progress,
    session::Session,
    table,
};

/// Rebuilds the rollup of the events in `scope`. After a rebuild of all events, the rollup has the
/// visitor hashes of this server.
///
/// # Errors
/// When an event could not be rebuilt; those before it are.
pub async fn rebuild(session: &Session, scope: Scope) -> anyhow::Result<()> {
    let events = events(&session.database, scope)
        .await
        .context("cannot list the events")?;
    let mut progress = Progress::new(events.len());
    for event in &events {
        rebuild_event(session, event)
            .await
            .with_context(|| format!("cannot rebuild event {}", event.event_id))?;
        progress.increment();
    }
    progress.finish();
    if scope.is_all() {
        session
            .database
            .execute_unprepared("SELECT record_visitor_hash_sample()")
            .await
            .context("cannot record the visitor hash")?;
    }
    table::line(&format!("{} events are rebuilt", events.len()));
    Ok(())
}

async fn rebuild_event(session: &Session, event: &Event) -> Result<(), DbErr> {
    let (event_id, tenants) = (event.event_id, event.tenants.clone());
    let (database, default_timezone) = (&session.database, session.default_timezone);
    let version = raw_sql!(
        Postgres,
        r"SELECT xmin::TEXT AS xmin FROM tracked_events WHERE event_id = {event_id}"
    );
    let version = database.query_one_raw(version).await?;
    let xmin: Option<String> = version.map(|row| row.try_get("", "xmin")).transpose()?;
    database
        .execute_unprepared("SELECT wait_for_rollup_writers()")
        .await?;
    let transaction = database.begin().await?;
    lock_event(&transaction, event_id).await?;
    let rebuild = raw_sql!(
        Postgres,
        r"SELECT rebuild_event({event_id}, {tenants}, {xmin}, {default_timezone})"
    );
    transaction.execute_raw(rebuild).await?;
    transaction.commit().await
}
