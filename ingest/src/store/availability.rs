//! Whether the database answers: asked again and again, so that nobody waits for one that does not.

use std::{future::Future, time::Duration};

use analytics_shared::database::ping;
use sea_orm::DbErr;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Store, StoreError};
use crate::metrics;

/// Time between two questions.
const RHYTHM: Duration = Duration::from_secs(1);
/// The longest that an answer to the question may take.
const PROMPT: Duration = Duration::from_secs(2);
/// The longest that we wait for anything else: it is longer than the database's own time-out for
/// statements should be.
const PATIENCE: Duration = Duration::from_secs(40);

/// What is known of the database; at first it is thought to be there.
#[derive(Clone)]
pub struct Availability {
    is_there: watch::Sender<bool>,
}

impl Default for Availability {
    fn default() -> Self {
        Self {
            is_there: watch::Sender::new(true),
        }
    }
}

impl Availability {
    /// The result of `asking`, or [`StoreError::Unavailable`] as soon as the database is away, and
    /// if the answer takes longer than [`PATIENCE`].
    pub async fn within<T>(
        &self,
        asking: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, StoreError> {
        let mut is_there = self.is_there.subscribe();
        tokio::select! {
            biased;
            _ = is_there.wait_for(|is_there| !is_there) => Err(silent()),
            answer = tokio::time::timeout(PATIENCE, asking) => match answer {
                Ok(result) => Ok(result?),
                Err(_) => Err(silent()),
            },
        }
    }

    fn learn(&self, is_there: bool) {
        metrics::database_up(is_there);
        let before = self.is_there.send_replace(is_there);
        match (before, is_there) {
            (true, false) => tracing::warn!("the database does not answer"),
            (false, true) => tracing::info!("the database answers again"),
            _ => {}
        }
    }
}

impl Store {
    /// Keeps asking until `shutdown`.
    pub async fn watch_database(self, shutdown: CancellationToken) {
        loop {
            let answer = tokio::time::timeout(PROMPT, ping(&self.database)).await;
            self.availability.learn(matches!(answer, Ok(Ok(()))));
            tokio::select! {
                () = tokio::time::sleep(RHYTHM) => {}
                () = shutdown.cancelled() => return,
            }
        }
    }
}

/// The database has said nothing.
pub fn silent() -> StoreError {
    StoreError::Unavailable(DbErr::Custom("no answer".to_owned()))
}
