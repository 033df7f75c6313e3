//! Storing a batch.

use std::{collections::HashSet, sync::Arc};

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, PgConnection},
};

use super::{Store, StoreError};
use crate::row::{Identity, Row};

const WRITE_BATCH: &str = include_str!("write_batch.sql");

impl Store {
    /// Stores `rows`, which are distinct, and counts them; all or none of it happens. Returns the
    /// identities of those that were not known before.
    ///
    /// # Errors
    /// When nothing was stored, or nothing is known of it: then the same can be stored again.
    pub async fn write(&self, rows: &[Arc<Row>]) -> Result<HashSet<Identity>, StoreError> {
        let pool = self.database.get_postgres_connection_pool();
        let acquiring = async { pool.acquire().await.map_err(query_error) };
        let mut connection = self.availability.within(acquiring).await?;
        let writing = self.write_on(&mut connection, rows);
        let stored = self.availability.within(writing).await;
        if matches!(stored, Err(StoreError::Unavailable(_))) {
            // Perhaps in the middle of an answer, and then of no use to anybody.
            connection.close_on_drop();
        }
        stored
    }

    async fn write_on(
        &self,
        connection: &mut PgConnection,
        rows: &[Arc<Row>],
    ) -> Result<HashSet<Identity>, DbErr> {
        // One array for each column, bound by sqlx itself: SeaORM's arrays cannot hold NULL.
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
            .await
            .map_err(query_error)?;
        Ok(stored.into_iter().collect())
    }
}

/// What SeaORM would have made of it.
pub(super) fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// One column of all rows, as the array that `unnest` takes.
fn column<'a, T>(rows: &'a [Arc<Row>], of: impl Fn(&'a Row) -> T) -> Vec<T> {
    rows.iter().map(|row| of(row)).collect()
}
