//! `analytics-migration rebuild`: the rollup, recounted from the facts. Batches go on meanwhile.

use analytics_shared::maintenance::advisory_lock::lock_event;
use anyhow::Context;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, TransactionTrait, raw_sql};

use super::{
    Scope, Session,
    events::{Event, events},
    progress::Progress,
    table,
};

#[derive(FromQueryResult)]
struct Registered {
    /// The version of the row.
    xmin: String,
}

/// Rebuilds the rollup of the events of `scope`. After a rebuild of all events, the rollup has the
/// visitor hashes of this server.
///
/// # Errors
/// When an event could not be rebuilt; those before it are.
pub async fn rebuild(session: &Session, scope: Scope) -> anyhow::Result<()> {
    let events = events(&session.database, scope)
        .await
        .context("cannot list the events")?;
    let mut progress = Progress::of("events", events.len());
    for event in &events {
        session
            .rebuild(event)
            .await
            .with_context(|| format!("cannot rebuild event {}", event.event_id))?;
        progress.add(1);
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

impl Session {
    async fn rebuild(&self, event: &Event) -> Result<(), DbErr> {
        let (event_id, tenants) = (event.event_id, event.tenants.clone());
        let default_timezone = self.default_zone;
        let seen = raw_sql!(
            Postgres,
            r"SELECT xmin::TEXT AS xmin FROM tracked_events WHERE event_id = {event_id}"
        );
        let seen = Registered::find_by_statement(seen).one(&self.database);
        let xmin = seen.await?.map(|event| event.xmin);
        self.database
            .execute_unprepared("SELECT wait_for_rollup_writers()")
            .await?;
        let transaction = self.database.begin().await?;
        lock_event(&transaction, event_id).await?;
        let rebuild = raw_sql!(
            Postgres,
            r"SELECT rebuild_event({event_id}, {tenants}, {xmin}, {default_timezone})"
        );
        transaction.execute_raw(rebuild).await?;
        transaction.commit().await
    }
}
