//! Storing a batch.

use std::{collections::HashSet, sync::Arc};

use analytics_shared::fact::Fact;
use chrono::{DateTime, Utc};
use sea_orm::{DbErr, RuntimeErr, sqlx};
use uuid::Uuid;

use super::{Store, StoreError};

const WRITE_BATCH: &str = include_str!("write_batch.sql");

/// What identifies a fact.
pub type Identity = (Uuid, DateTime<Utc>);

impl Store {
    /// Stores `facts`, which are distinct, and counts them; all or none of it happens. Returns the
    /// identities of those that were not known before.
    ///
    /// # Errors
    /// When nothing was stored.
    pub async fn write(&self, facts: &[Fact]) -> Result<HashSet<Identity>, StoreError> {
        let ordinals = self.ordinals.of(&self.database, facts).await?;
        // One array for each column, bound by sqlx itself: SeaORM's arrays cannot hold NULL.
        let stored = sqlx::query_as(WRITE_BATCH)
            .bind(column(facts, |fact| fact.id))
            .bind(column(facts, |fact| fact.tenant_id))
            .bind(column(facts, |fact| fact.event_type.as_str()))
            .bind(column(facts, |fact| fact.event_id))
            .bind(column(facts, |fact| fact.user_id))
            .bind(column(facts, |fact| {
                serde_json::json!(fact.properties).to_string()
            }))
            .bind(column(facts, |fact| fact.created_at))
            .bind(ordinals)
            .bind(column(facts, Fact::subject))
            .bind(self.default_timezone.name())
            .fetch_all(self.database.get_postgres_connection_pool())
            .await
            .map_err(|error| DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))))?;
        Ok(stored.into_iter().collect())
    }
}

/// One property of all facts, as the array that `unnest` takes.
fn column<'a, T>(facts: &'a [Fact], property: impl Fn(&'a Fact) -> T) -> Vec<T> {
    facts.iter().map(property).collect()
}
