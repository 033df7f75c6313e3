//! Whether this process lives, and whether it can do its work.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use sea_orm::DatabaseConnection;
use serde::Serialize;

use crate::database;

/// The longest that one part may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(3);

/// How a part of the service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", content = "detail", rename_all = "lowercase")]
pub enum State {
    /// It works.
    Up(String),
    /// It does not work, and the service does its main job without it.
    Degraded(String),
    /// It does not work, and the service cannot do its job.
    Down(String),
}

type Checking = Pin<Box<dyn Future<Output = State> + Send>>;
type Check = Arc<dyn Fn() -> Checking + Send + Sync>;

/// The parts that a service needs.
#[derive(Clone, Default)]
pub struct Readiness {
    parts: BTreeMap<&'static str, Check>,
}

/// The answer of `/readyz`.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `ready` or `unready`.
    pub status: &'static str,
    /// Every part by name.
    pub parts: BTreeMap<&'static str, State>,
}

impl Report {
    /// Whether requests may be sent here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self
            .parts
            .values()
            .any(|state| matches!(state, State::Down(_)))
    }
}

impl Readiness {
    /// Adds a part with the question how it is.
    #[must_use]
    pub fn with<F, Fut>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = State> + Send + 'static,
    {
        self.parts.insert(name, Arc::new(move || Box::pin(check())));
        self
    }

    /// Adds the database as a part without which nothing works.
    #[must_use]
    pub fn with_database(self, database: DatabaseConnection) -> Self {
        self.with("database", move || {
            let database = database.clone();
            async move {
                match database::ping(&database).await {
                    Ok(()) => State::Up("answers, schema present".to_owned()),
                    Err(error) => {
                        tracing::warn!(%error, "database is not ready");
                        State::Down(
                            "does not answer, or `analytics-migration up` has not run".to_owned(),
                        )
                    }
                }
            }
        })
    }

    /// Asks every part.
    pub async fn report(&self) -> Report {
        let mut parts = BTreeMap::new();
        for (name, check) in &self.parts {
            let state = tokio::time::timeout(PATIENCE, check())
                .await
                .unwrap_or_else(|_| State::Down("did not answer in time".to_owned()));
            parts.insert(*name, state);
        }
        let mut report = Report {
            status: "ready",
            parts,
        };
        if !report.is_ready() {
            report.status = "unready";
        }
        report
    }
}
