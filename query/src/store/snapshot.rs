//! One state of the database, from which all statements of an answer read: its figures agree, whatever
//! is written meanwhile.

use std::time::Instant;

use chrono_tz::Tz;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, IsolationLevel, QueryResult,
    Statement, TransactionTrait, Value,
};

use super::{Store, StoreError, days::Days, folds::Folds};
use crate::metrics;

/// A transaction that reads. A future that holds one must not be dropped half way: its connection
/// would go back to the pool with the transaction open.
pub struct Snapshot {
    transaction: DatabaseTransaction,
    pub(super) days: Days,
    pub(super) folds: Folds,
}

impl Store {
    /// The database as it is now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
        let begun = self
            .database
            .begin_with_config(Some(isolation), Some(access));
        Ok(Snapshot {
            transaction: begun.await?,
            days: self.days.clone(),
            folds: self.folds.clone(),
        })
    }
}

impl Snapshot {
    /// Gives the connection back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    pub(super) fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// What a statement finds that was given `zone`; it reads in that `way`.
    pub(super) async fn find(
        &self,
        way: &'static str,
        sql: &'static str,
        values: Vec<Value>,
        zone: Tz,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let started = Instant::now();
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let found = self.transaction.query_all_raw(statement).await;
        metrics::read(way, started.elapsed());
        found.map_err(|error| StoreError::with_zone(error, zone))
    }
}
