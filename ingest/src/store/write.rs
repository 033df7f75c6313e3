//! The insertion of a batch.

use std::{collections::HashSet, sync::Arc};

use analytics_shared::telemetry::traces::traced_statement;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, PgConnection},
};

use super::{
    database::Store,
    error::StoreError,
    fact_row::{FactRow, Identity},
};

const WRITE_BATCH: &str = include_str!("write_batch.sql");

impl Store {
    /// Inserts `rows`, which must be distinct, with their ledger and rollup rows, atomically. Returns the
    /// identities of those that were not stored before. After [`StoreError::Unavailable`] the commit is
    /// uncertain; the same rows can be inserted again.
    pub async fn insert(&self, rows: &[Arc<FactRow>]) -> Result<HashSet<Identity>, StoreError> {
        let pool = self.database.driver_pool();
        let acquiring = async { pool.acquire().await.map_err(query_error) };
        let mut connection = self.availability.guard(acquiring).await?;
        let inserting = async {
            let inserted = self.insert_on(&mut connection, rows).await;
            inserted.map_err(query_error)
        };
        let inserting = traced_statement("INSERT analytics_events", Some(rows.len()), inserting);
        let stored = self.availability.guard(inserting).await;
        if matches!(stored, Err(StoreError::Unavailable(_))) {
            // The connection may be in the middle of a response and unusable.
            connection.close_on_drop();
        }
        stored
    }

    /// Inserts `rows` and commits: with one statement, unless the transaction has to begin with settings.
    async fn insert_on(
        &self,
        connection: &mut PgConnection,
        rows: &[Arc<FactRow>],
    ) -> Result<HashSet<Identity>, sqlx::Error> {
        if self.database.keeps_settings() {
            return self.write_batch(connection, rows).await;
        }
        let mut transaction = self.database.begin_on(connection, "").await?;
        let stored = self.write_batch(&mut transaction, rows).await?;
        transaction.commit().await?;
        Ok(stored)
    }

    async fn write_batch(
        &self,
        connection: &mut PgConnection,
        rows: &[Arc<FactRow>],
    ) -> Result<HashSet<Identity>, sqlx::Error> {
        // One array per column, bound through sqlx: SeaORM's arrays cannot contain NULL.
        let stored: Vec<Identity> = sqlx::query_as(WRITE_BATCH)
            .bind(column(rows, |row| row.id))
            .bind(column(rows, |row| row.tenant_id))
            .bind(column(rows, |row| row.event_type.as_str()))
            .bind(column(rows, |row| row.event_id))
            .bind(column(rows, |row| row.user_id))
            .bind(column(rows, |row| row.properties.as_str()))
            .bind(column(rows, |row| row.created_at))
            .bind(column(rows, |row| row.dedup_key.as_deref()))
            .bind(column(rows, |row| row.provenance.name()))
            .bind(self.default_timezone.name())
            .fetch_all(connection)
            .await?;
        Ok(stored.into_iter().collect())
    }
}

/// Converts the error as SeaORM does.
fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// A column of `rows`, as an array for `unnest`.
fn column<'a, T>(rows: &'a [Arc<FactRow>], of: impl Fn(&'a FactRow) -> T) -> Vec<T> {
    rows.iter().map(|row| of(row)).collect()
}
