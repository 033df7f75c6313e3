//! The readiness of a service: the checks of `/readyz`, which run in the background, so that the response
//! neither waits for them nor costs anything.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use serde::Serialize;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::TokenVerifier,
    database::{DatabaseMonitor, DatabaseState},
};

/// The time-out of one check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);
/// The time between two runs of the checks; less after the start, when much changes.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The time after the first run of the checks. It doubles until it reaches the interval.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The age from which a report says nothing about the present: all checks have timed out several times, or
/// the runtime does not run them.
const REPORT_TIMEOUT: Duration = Duration::from_secs(20);

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessReport {
    /// `ready` or `unready`.
    pub status: &'static str,
    /// The result of every check, by name.
    pub checks: BTreeMap<&'static str, CheckStatus>,
}

/// The newest report of checks that run in the background.
#[derive(Clone)]
pub struct ReadinessMonitor(watch::Receiver<Option<(Instant, ReadinessReport)>>);

impl ReadinessReport {
    fn new(checks: BTreeMap<&'static str, CheckStatus>) -> Self {
        let is_down = |status: &CheckStatus| matches!(status, CheckStatus::Down(_));
        let is_ready = !checks.values().any(is_down);
        let status = if is_ready { READY } else { "unready" };
        Self { status, checks }
    }

    fn down(name: &'static str, detail: &str) -> Self {
        Self::new(BTreeMap::from([(
            name,
            CheckStatus::Down(detail.to_owned()),
        )]))
    }

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
    pub fn with_database(self, database: DatabaseMonitor) -> Self {
        self.with("database", move || {
            std::future::ready(CheckStatus::from(&database.state()))
        })
    }

    /// Adds a check of the keys of the issuer, if one is configured. Without them only anonymous callers
    /// and RabbitMQ are served.
    #[must_use]
    pub fn with_tokens(self, tokens: TokenVerifier) -> Self {
        if tokens.has_issuer_keys().is_none() {
            return self;
        }
        self.with("tokens", move || {
            let is_loaded = tokens.has_issuer_keys() == Some(true);
            std::future::ready(if is_loaded {
                CheckStatus::Up("the keys of the issuer are loaded".to_owned())
            } else {
                CheckStatus::Degraded("JWT_JWKS_URL has not been loaded".to_owned())
            })
        })
    }

    /// Runs the checks in the background until `shutdown`; from then on, the service is not ready.
    #[must_use]
    pub fn monitor(self, shutdown: CancellationToken) -> ReadinessMonitor {
        let (sender, receiver) = watch::channel(None);
        tokio::spawn(async move {
            let mut pause = FIRST_PAUSE;
            let checking = async {
                loop {
                    let report = self.report().await;
                    sender.send_replace(Some((Instant::now(), report)));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(CHECK_INTERVAL);
                }
            };
            let _: Option<()> = shutdown.run_until_cancelled(checking).await;
            let stopping = ReadinessReport::down("shutdown", "the service is shutting down");
            sender.send_replace(Some((Instant::now(), stopping)));
        });
        ReadinessMonitor(receiver)
    }

    /// Runs every check, all at the same time.
    async fn report(&self) -> ReadinessReport {
        let checks = self.checks.iter().map(|(name, check)| async move {
            let status = tokio::time::timeout(CHECK_TIMEOUT, check()).await;
            let timed_out = |_| CheckStatus::Down("timed out".to_owned());
            (*name, status.unwrap_or_else(timed_out))
        });
        ReadinessReport::new(join_all(checks).await.into_iter().collect())
    }
}

impl ReadinessMonitor {
    /// Returns the newest report. It is unready before the first one, and if it is too old, because the process
    /// does not run its checks.
    #[must_use]
    pub fn report(&self) -> ReadinessReport {
        match &*self.0.borrow() {
            Some((at, report)) if at.elapsed() < REPORT_TIMEOUT => report.clone(),
            Some(_) => ReadinessReport::down("checks", "they do not run"),
            None => ReadinessReport::down("checks", "the first ones are running"),
        }
    }
}

impl From<&DatabaseState> for CheckStatus {
    fn from(state: &DatabaseState) -> Self {
        let detail = state.to_string();
        if state.is_usable() {
            Self::Up(detail)
        } else {
            Self::Down(detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up() -> CheckStatus {
        CheckStatus::Up("it works".to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_report_is_returned_until_shutdown() {
        let (sender, status) = watch::channel(up());
        let readiness = Readiness::default().with("dependency", move || {
            std::future::ready(status.borrow().clone())
        });
        let shutdown = CancellationToken::new();
        let monitor = readiness.monitor(shutdown.clone());
        assert!(!monitor.report().is_ready());
        tokio::time::sleep(FIRST_PAUSE).await;
        let report = monitor.report();
        assert_eq!(report.checks, BTreeMap::from([("dependency", up())]));
        assert!(report.is_ready());

        sender.send_replace(CheckStatus::Degraded("slow".to_owned()));
        tokio::time::sleep(CHECK_INTERVAL).await;
        let report = monitor.report();
        assert!(report.is_ready() && report.checks["dependency"] != up());

        sender.send_replace(CheckStatus::Down("gone".to_owned()));
        tokio::time::sleep(CHECK_INTERVAL).await;
        assert!(!monitor.report().is_ready());

        sender.send_replace(up());
        tokio::time::sleep(CHECK_INTERVAL).await;
        assert!(monitor.report().is_ready());
        shutdown.cancel();
        tokio::time::sleep(CHECK_INTERVAL).await;
        assert!(!monitor.report().is_ready());
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_does_not_end_is_down_and_an_old_report_is_not_ready() {
        let readiness = Readiness::default().with("dependency", std::future::pending);
        let monitor = readiness.monitor(CancellationToken::new());
        tokio::time::sleep(2 * CHECK_TIMEOUT).await;
        let timed_out = CheckStatus::Down("timed out".to_owned());
        assert_eq!(monitor.report().checks["dependency"], timed_out);

        let (_sender, old) = watch::channel(Some((
            Instant::now(),
            ReadinessReport::new(BTreeMap::new()),
        )));
        let monitor = ReadinessMonitor(old);
        assert!(monitor.report().is_ready());
        tokio::time::advance(REPORT_TIMEOUT).await;
        assert!(!monitor.report().is_ready());
    }
}
