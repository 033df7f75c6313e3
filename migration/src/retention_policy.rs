//! The retention policy of TimescaleDB: its Community edition drops facts older than a year.
//!
//! The Apache-2 edition has no policies (`functionality not supported under the current "apache"
//! license`); there the ingest tier drops the facts.

use analytics_shared::database::edition::{self, Edition};
use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

/// The statement that adds the policy; `None` on the Apache-2 edition.
#[must_use]
pub fn statement(edition: Edition) -> Option<&'static str> {
    match edition {
        Edition::Community => Some(
            "SELECT add_retention_policy('analytics_service.analytics_events', \
             analytics_service.retention_interval(), if_not_exists => TRUE)",
        ),
        Edition::Apache => None,
    }
}

/// Adds the policy if the edition, which may have changed since the last run, has policies.
///
/// # Errors
/// When a statement fails.
pub async fn apply<C: ConnectionTrait>(database: &C) -> Result<Edition, DbErr> {
    let edition = edition::detect(database).await?;
    if let Some(statement) = statement(edition) {
        database.execute_unprepared(statement).await?;
    }
    Ok(edition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_community_edition_gets_a_policy() {
        let policy = statement(Edition::Community).unwrap();
        assert!(policy.contains("add_retention_policy('analytics_service.analytics_events'"));
        assert_eq!(statement(Edition::Apache), None);
    }
}
