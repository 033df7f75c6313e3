//! Who deletes facts older than a year: the database by a policy, or the ingest tier.
//!
//! Policies belong to the Community edition of TimescaleDB; the Apache-2 edition answers
//! `functionality not supported under the current "apache" license`.

use analytics_shared::edition::{self, Edition};
use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

/// The statement that hands retention to the database; there is none on the Apache-2 edition.
#[must_use]
pub fn policy(edition: Edition) -> Option<&'static str> {
    match edition {
        Edition::Community => Some(
            "SELECT add_retention_policy('analytics_service.analytics_events', \
             INTERVAL '1 year', if_not_exists => TRUE)",
        ),
        Edition::Apache => None,
    }
}

/// Sees to it that the retention fits the edition, which may have changed since the last time.
///
/// # Errors
/// When the database refuses.
pub async fn establish<C: ConnectionTrait>(database: &C) -> Result<Edition, DbErr> {
    let edition = edition::detect(database).await?;
    if let Some(statement) = policy(edition) {
        database.execute_unprepared(statement).await?;
    }
    Ok(edition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_community_edition_gets_a_policy() {
        let statement = policy(Edition::Community).unwrap();
        assert!(statement.contains(
            "add_retention_policy('analytics_service.analytics_events', INTERVAL '1 year'"
        ));
        assert_eq!(policy(Edition::Apache), None);
    }
}
