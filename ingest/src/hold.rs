//! Holding on while the database is away: what cannot be stored or looked up now is tried again until
//! it can, or until we are asked to stop.

use std::{future::Future, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::store::StoreError;

/// Time between two attempts.
const MOMENT: Duration = Duration::from_secs(1);

/// Waits while the database is away.
#[derive(Clone)]
pub struct Hold {
    shutdown: CancellationToken,
}

impl Hold {
    /// Holds on until `shutdown`.
    #[must_use]
    pub fn until(shutdown: CancellationToken) -> Self {
        Self { shutdown }
    }

    /// Waits until we are asked to stop.
    pub async fn over(&self) {
        self.shutdown.cancelled().await;
    }

    /// The result of `operation`, tried until the database is there; `None` if we are asked to stop
    /// before.
    ///
    /// # Errors
    /// When the database refuses the values.
    pub async fn held<T, F, Fut>(&self, operation: F) -> Result<Option<T>, StoreError>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, StoreError>>,
    {
        loop {
            match operation().await {
                Ok(value) => return Ok(Some(value)),
                Err(refused @ StoreError::RefusedValues(_)) => return Err(refused),
                // That the database is away has been logged.
                Err(error @ StoreError::Unavailable(_)) => tracing::debug!(%error, "holding on"),
                Err(error) => tracing::warn!(%error, "holding on"),
            }
            if !self.moment().await {
                return Ok(None);
            }
        }
    }

    /// Waits a moment; says whether to go on.
    pub async fn moment(&self) -> bool {
        tokio::select! {
            () = tokio::time::sleep(MOMENT) => true,
            () = self.over() => false,
        }
    }
}
