//! Retries while the database is unavailable.

use std::{future::Future, sync::Arc, time::Duration};

use backon::{ConstantBuilder, Retryable};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{store::error::StoreError, writer::outcome::Outcome};

/// The pause between two attempts.
const DELAY: Duration = Duration::from_secs(1);

/// Retries an operation until the database is available or shutdown is requested.
#[derive(Clone)]
pub struct RetryUntilAvailable {
    shutdown: CancellationToken,
    retries_internal_errors: bool,
    on_pause: Arc<dyn Fn() + Send + Sync>,
}

impl RetryUntilAvailable {
    /// Calls `on_pause` before each pause. Internal errors are retried where a fact must not be lost
    /// because of a defect.
    pub fn new(
        shutdown: CancellationToken,
        retries_internal_errors: bool,
        on_pause: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            shutdown,
            retries_internal_errors,
            on_pause: Arc::new(on_pause),
        }
    }

    /// Whether a fact with this outcome is submitted again.
    pub fn is_retryable_outcome(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Unavailable => true,
            Outcome::Failed => self.retries_internal_errors,
            Outcome::Stored | Outcome::Duplicate | Outcome::Invalid => false,
        }
    }

    fn is_retryable(&self, error: &StoreError) -> bool {
        match error {
            StoreError::Unavailable(_) | StoreError::Contended(_) => true,
            StoreError::Internal(_) => self.retries_internal_errors,
            StoreError::InvalidData(_) => false,
        }
    }

    /// Waits until shutdown is requested.
    pub async fn cancelled(&self) {
        self.shutdown.cancelled().await;
    }

    /// Pauses between two attempts; returns `false` on shutdown.
    pub async fn pause(&self) -> bool {
        (self.on_pause)();
        let pause = self.shutdown.run_until_cancelled(sleep(DELAY));
        pause.await.is_some()
    }

    /// Returns the result of `operation`, or `None` if shutdown is requested before it succeeds. At
    /// least one attempt is made, and none is interrupted.
    pub async fn retry<T, F, Fut>(&self, operation: F) -> Result<Option<T>, StoreError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, StoreError>>,
    {
        let shutdown = self.shutdown.clone();
        let retrying = operation
            .retry(ConstantBuilder::new().with_delay(DELAY).without_max_times())
            .when(|error| self.is_retryable(error) && !self.shutdown.is_cancelled())
            .notify(|error, _| {
                if let StoreError::Unavailable(_) = error {
                    // The loss of the database has been logged.
                    tracing::debug!(%error, "retrying");
                } else {
                    tracing::warn!(%error, "retrying");
                }
                (self.on_pause)();
            })
            .sleep(move |delay| {
                let shutdown = shutdown.clone();
                async move {
                    shutdown.run_until_cancelled(sleep(delay)).await;
                }
            });
        match retrying.await {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.is_retryable(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use sea_orm::DbErr;

    use super::*;

    fn error(is_retryable: bool) -> StoreError {
        let cause = DbErr::Custom(String::new());
        if is_retryable {
            StoreError::Unavailable(cause)
        } else {
            StoreError::InvalidData(cause)
        }
    }

    fn retry(shutdown: &CancellationToken) -> RetryUntilAvailable {
        RetryUntilAvailable::new(shutdown.clone(), false, || ())
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_is_retried_until_it_succeeds_or_fails_for_good() {
        let retry = retry(&CancellationToken::new());
        let attempts = AtomicU32::new(0);
        let third = || async {
            let attempt = attempts.fetch_add(1, Ordering::Relaxed) + 1;
            if attempt < 3 {
                Err(error(true))
            } else {
                Ok(attempt)
            }
        };
        assert_eq!(retry.retry(third).await.unwrap(), Some(3));
        let invalid = || async { Err::<(), _>(error(false)) };
        assert!(retry.retry(invalid).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn shutdown_ends_the_retries_but_not_the_first_attempt() {
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        let retry = retry(&shutdown);
        assert_eq!(retry.retry(|| async { Ok(1) }).await.unwrap(), Some(1));
        let unavailable = || async { Err::<(), _>(error(true)) };
        assert_eq!(retry.retry(unavailable).await.unwrap(), None);
        assert!(!retry.pause().await);
    }
}
