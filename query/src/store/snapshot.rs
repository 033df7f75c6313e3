//! One state of the database, from which all statements of an answer read: its figures agree, whatever
//! is written meanwhile.

use std::{sync::Arc, time::Instant};

use chrono_tz::Tz;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, IsolationLevel, QueryResult,
    Statement, TransactionTrait, Value,
};

use super::{
    EventQuery, Store, StoreError,
    event_cache::{EventCache, Scope},
    event_days::{self, DaysQuery, EventDays},
};
use crate::{
    figures::{EventSummary, Rows},
    metrics,
};

/// A transaction that reads. A future that holds one must not be dropped half way: its connection
/// would go back to the pool with the transaction open.
pub struct Snapshot {
    transaction: DatabaseTransaction,
    pub(super) cache: EventCache,
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
            cache: self.cache.clone(),
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

    /// The days of one event, from the rollup.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn event_days(&self, query: DaysQuery<'_>) -> Result<Arc<EventDays>, StoreError> {
        let mut found = event_days::read(&self.transaction, &self.cache, query, None).await?;
        let days = query
            .event_ids
            .first()
            .and_then(|event| found.remove(event));
        Ok(days.unwrap_or_default())
    }

    /// The summary of all rows of one event over a period, in a zone with rules of that fingerprint.
    #[must_use]
    pub fn event_summary(&self, query: &EventQuery, rules: u64, rows: &Rows) -> Arc<EventSummary> {
        let scope = Scope {
            tenant_id: query.tenant_id,
            period: query.period,
            zone: query.zone,
            rules,
        };
        self.cache.event_summary(scope, query.event_id, rows, None)
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
