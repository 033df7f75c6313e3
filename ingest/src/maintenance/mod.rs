//! Background maintenance: compaction of the rollup, rebuilds of events whose time zone has changed, deletion of
//! superseded claims, and retention. Replicas coordinate by advisory locks.

mod claims;
pub mod compaction;
mod rebuild;
mod retention;
mod schedule;

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::store::database::Store;

/// Starts all maintenance. The task ends after `shutdown`, when the current runs have ended.
pub fn start(
    store: &Store,
    compaction_interval: Duration,
    shutdown: CancellationToken,
) -> JoinHandle<()> {
    let store = store.clone();
    tokio::spawn(async move {
        tokio::join!(
            compaction::compact(store.clone(), compaction_interval, shutdown.clone()),
            rebuild::rebuild(store.clone(), shutdown.clone()),
            claims::supersede(store.clone(), shutdown.clone()),
            retention::expire(store, shutdown),
        );
    })
}
