//! The checks of `/readyz`.

use std::{future, time::Duration};

use analytics_shared::{
    database::{DatabaseMonitor, DatabaseState, edition::Edition},
    fact::RETENTION_INTERVAL,
    lifecycle::health::{CheckStatus, Readiness},
};
use tokio::{sync::watch, time::timeout};

use crate::{
    amqp::{broker_state::BrokerState, overflow::Overflow},
    store::{database::Store, error::StoreError},
};

/// The time-out of the check of retention, whose result is not urgent.
const RETENTION_TIMEOUT: Duration = Duration::from_secs(1);

/// Returns the checks of the ingest tier.
pub fn readiness(
    monitor: DatabaseMonitor,
    store: Store,
    overflow: Overflow,
    broker: watch::Receiver<BrokerState>,
) -> Readiness {
    Readiness::default()
        .with("database", move || {
            future::ready(database(&monitor.state(), overflow.is_open()))
        })
        .with("broker", move || future::ready(broker.borrow().health()))
        .with("retention", move || {
            let store = store.clone();
            async move {
                let checking = timeout(RETENTION_TIMEOUT, retention(&store));
                checking.await.ok().and_then(Result::ok).unwrap_or_else(|| {
                    CheckStatus::Degraded("the database is unavailable".to_owned())
                })
            }
        })
}

/// During an outage of the database, facts over HTTP wait in the overflow queue, if it is open. A wrong schema is no
/// outage: a new version must not replace the old one before the migration.
fn database(state: &DatabaseState, has_overflow: bool) -> CheckStatus {
    if state.is_outage() && has_overflow {
        return CheckStatus::Degraded(format!("{state}: facts wait in the overflow queue"));
    }
    state.into()
}

async fn retention(store: &Store) -> Result<CheckStatus, StoreError> {
    let edition = store.edition().await?;
    let drop_after = match edition {
        Edition::Community => store.retention_policy().await?,
        Edition::Apache => None,
    };
    Ok(retention_state(edition, drop_after.as_deref()))
}

/// The query tier assumes a retention of one year: with a shorter one figures are incomplete, with a longer
/// one facts are kept that are never read.
fn retention_state(edition: Edition, drop_after: Option<&str>) -> CheckStatus {
    match (edition, drop_after) {
        (Edition::Apache, _) | (Edition::Community, Some(RETENTION_INTERVAL)) => {
            CheckStatus::Up(edition.retention_mechanism().to_owned())
        }
        (Edition::Community, Some(other)) => CheckStatus::Degraded(format!(
            "the retention policy drops facts after {other}, not after {RETENTION_INTERVAL}: \
             remove it, and run `analytics-migration up`"
        )),
        (Edition::Community, None) => CheckStatus::Degraded(
            "no retention policy is scheduled, so facts are never dropped: \
             run `analytics-migration up`"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_of_another_interval_than_one_year_is_degraded() {
        let up = |edition: Edition| CheckStatus::Up(edition.retention_mechanism().to_owned());
        let of = retention_state;
        assert_eq!(
            of(Edition::Community, Some("1 year")),
            up(Edition::Community)
        );
        assert_eq!(of(Edition::Apache, None), up(Edition::Apache));
        for (drop_after, named) in [
            (Some("6 mons"), "after 6 mons, not after 1 year"),
            // Shorter than a leap year.
            (Some("365 days"), "after 365 days, not after 1 year"),
            (None, "never dropped"),
        ] {
            let CheckStatus::Degraded(text) = of(Edition::Community, drop_after) else {
                panic!("{drop_after:?} is not degraded");
            };
            assert!(text.contains(named), "{text}");
        }
    }
}
