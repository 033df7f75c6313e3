//! The checks of `/readyz`.

use analytics_shared::{
    database::{DatabasePool, edition::Edition},
    fact::RETENTION_INTERVAL,
    lifecycle::health::{CheckStatus, Readiness},
};
use tokio::sync::watch;

use crate::{
    amqp::broker_state::BrokerState,
    store::{database::Store, error::StoreError},
};

/// Returns the checks of the ingest tier.
pub fn readiness(
    database: DatabasePool,
    store: Store,
    broker: watch::Receiver<BrokerState>,
) -> Readiness {
    Readiness::default()
        .with_database(database)
        .with("broker", move || {
            std::future::ready(broker.borrow().health())
        })
        .with("retention", move || {
            let store = store.clone();
            async move {
                let state = retention(&store).await;
                state.unwrap_or_else(|_| {
                    CheckStatus::Degraded("the database is unavailable".to_owned())
                })
            }
        })
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
