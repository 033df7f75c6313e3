//! Whether this process lives, and whether it can do its work.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use sea_orm::DatabaseConnection;
use serde::Serialize;

use crate::database;

/// The longest that one part may take to say how it is.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// How a part of the service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", content = "detail", rename_all = "lowercase")]
pub enum CheckStatus {
    /// It works.
    Up(String),
    /// It does not work, and the service does its main job without it.
    Degraded(String),
    /// It does not work, and the service cannot do its job.
    Down(String),
}

type Checking = Pin<Box<dyn Future<Output = CheckStatus> + Send>>;
type Check = Arc<dyn Fn() -> Checking + Send + Sync>;

/// The parts that a service needs.
#[derive(Clone, Default)]
pub struct Readiness {
    checks: BTreeMap<&'static str, Check>,
}

/// The answer of `/readyz`.
#[derive(Debug, Serialize)]
pub struct ReadinessReport {
    /// `ready` or `unready`.
    pub status: &'static str,
    /// Every part by name.
    pub checks: BTreeMap<&'static str, CheckStatus>,
}

impl ReadinessReport {
    /// Whether requests may be sent here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self
            .checks
            .values()
            .any(|state| matches!(state, CheckStatus::Down(_)))
    }
}

impl Readiness {
    /// Adds a part with the question how it is.
    #[must_use]
    pub fn with<F, Fut>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = CheckStatus> + Send + 'static,
    {
        self.checks
            .insert(name, Arc::new(move || Box::pin(check())));
        self
    }

    /// Adds the database as a part without which nothing works.
    #[must_use]
    pub fn with_database(self, database: DatabaseConnection) -> Self {
        self.with("database", move || {
            let database = database.clone();
            async move {
                match database::ping(&database).await {
                    Ok(()) => CheckStatus::Up("answers, schema present".to_owned()),
                    Err(error) => {
                        tracing::warn!(%error, "database is not ready");
                        CheckStatus::Down(
                            "does not answer, or `analytics-migration up` has not run".to_owned(),
                        )
                    }
                }
            }
        })
    }

    /// Asks every part.
    pub async fn report(&self) -> ReadinessReport {
        let mut checks = BTreeMap::new();
        for (name, check) in &self.checks {
            let state = tokio::time::timeout(CHECK_TIMEOUT, check())
                .await
                .unwrap_or_else(|_| CheckStatus::Down("did not answer in time".to_owned()));
            checks.insert(*name, state);
        }
        let mut report = ReadinessReport {
            status: "ready",
            checks,
        };
        if !report.is_ready() {
            report.status = "unready";
        }
        report
    }
}
