//! The readiness of a service: the checks of `/readyz`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::DatabaseConnection;
use serde::Serialize;

use crate::database;

/// The time-out of one check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// The status of a service without a check that is down.
const READY: &str = "ready";

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", content = "detail", rename_all = "lowercase")]
pub enum CheckStatus {
    /// The dependency works.
    Up(String),
    /// The dependency does not work, and the service performs its main function without it.
    Degraded(String),
    /// The dependency does not work, and the service cannot serve requests.
    Down(String),
}

type Check = Arc<dyn Fn() -> BoxFuture<'static, CheckStatus> + Send + Sync>;

/// The checks of the dependencies of a service.
#[derive(Clone, Default)]
pub struct Readiness {
    checks: BTreeMap<&'static str, Check>,
}

/// The body of `/readyz`.
#[derive(Debug, Serialize)]
pub struct ReadinessReport {
    /// `ready` or `unready`.
    pub status: &'static str,
    /// The result of every check, by name.
    pub checks: BTreeMap<&'static str, CheckStatus>,
}

impl ReadinessReport {
    /// Returns whether no check is down.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status == READY
    }
}

impl Readiness {
    /// Adds a check.
    #[must_use]
    pub fn with<F, Fut>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = CheckStatus> + Send + 'static,
    {
        self.checks.insert(name, Arc::new(move || check().boxed()));
        self
    }

    /// Adds a check of the database, without which the service is not ready.
    #[must_use]
    pub fn with_database(self, database: DatabaseConnection) -> Self {
        self.with("database", move || {
            let database = database.clone();
            async move {
                match database::ping(&database).await {
                    Ok(()) => CheckStatus::Up("connected, schema present".to_owned()),
                    Err(error) => {
                        tracing::warn!(%error, "the database is not ready");
                        CheckStatus::Down(
                            "no connection, or `analytics-migration up` has not run".to_owned(),
                        )
                    }
                }
            }
        })
    }

    /// Runs every check.
    pub async fn report(&self) -> ReadinessReport {
        let mut checks = BTreeMap::new();
        for (name, check) in &self.checks {
            let state = tokio::time::timeout(CHECK_TIMEOUT, check())
                .await
                .unwrap_or_else(|_| CheckStatus::Down("timed out".to_owned()));
            checks.insert(*name, state);
        }
        let is_down = |status: &CheckStatus| matches!(status, CheckStatus::Down(_));
        let is_ready = !checks.values().any(is_down);
        let status = if is_ready { READY } else { "unready" };
        ReadinessReport { status, checks }
    }
}
