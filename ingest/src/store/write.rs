//! Storing a batch.

use std::{collections::HashSet, sync::Arc};

use analytics_shared::fact::Fact;
use chrono::{DateTime, Utc};
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, PgConnection},
};
use uuid::Uuid;

use super::{PATIENCE, Store, StoreError, silent};

const WRITE_BATCH: &str = include_str!("write_batch.sql");

/// What identifies a fact.
pub type Identity = (Uuid, DateTime<Utc>);

impl Store {
    /// Stores `facts`, which are distinct, and counts them; all or none of it happens. Returns the
    /// identities of those that were not known before.
    ///
    /// # Errors
    /// When nothing was stored, or nothing is known of it: then the same can be stored again.
    pub async fn write(&self, facts: &[Fact]) -> Result<HashSet<Identity>, StoreError> {
        let pool = self.database.get_postgres_connection_pool();
        let mut connection = pool.acquire().await.map_err(query_error)?;
        let writing = tokio::time::timeout(PATIENCE, self.write_on(&mut connection, facts));
        if let Ok(stored) = writing.await {
            return stored;
        }
        // In the middle of an answer it is of no use to anybody.
        connection.close_on_drop();
        Err(silent())
    }

    async fn write_on(
        &self,
        connection: &mut PgConnection,
        facts: &[Fact],
    ) -> Result<HashSet<Identity>, StoreError> {
        let ordinals = self.ordinals.of(connection, facts).await?;
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
            .fetch_all(connection)
            .await
            .map_err(query_error)?;
        Ok(stored.into_iter().collect())
    }
}

/// What SeaORM would have made of it.
pub(super) fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// One property of all facts, as the array that `unnest` takes.
fn column<'a, T>(facts: &'a [Fact], property: impl Fn(&'a Fact) -> T) -> Vec<T> {
    facts.iter().map(property).collect()
}
