//! `analytics-migration rebuild`: the rollup, counted anew from the facts.

use anyhow::Context;

use super::{Scope, Session, events::events, progress::Progress, table};

/// Rebuilds the rollup of the events of `scope`.
///
/// # Errors
/// When an event could not be counted; those before it are.
pub async fn rebuild(session: &Session, scope: Scope) -> anyhow::Result<()> {
    let events = events(&session.database, scope)
        .await
        .context("cannot list the events")?;
    let mut progress = Progress::of("events", events.len());
    for event in &events {
        session
            .recount(event)
            .await
            .with_context(|| format!("cannot count event {} anew", event.event_id))?;
        progress.add(1);
    }
    progress.finish();
    table::line(&format!("{} events are counted anew", events.len()));
    Ok(())
}
