//! Statements whose rows are processed one by one, without keeping them all.

use std::time::Instant;

use analytics_shared::telemetry::traces::traced_statement;
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sea_orm::{DbBackend, Statement, StreamTrait, Value, sqlx::postgres::PgRow};

use super::{
    decode::driver_row, error::StoreError, read_memory::ReadMemoryUse, tenant_query::TenantQuery,
};
use crate::metrics::{self, ReadSource};

/// A statement that reads facts.
pub(super) struct ReadStatement {
    pub sql: &'static str,
    /// Values of the parameters.
    pub values: Vec<Value>,
    /// The time zone among the values.
    pub zone: Tz,
    /// The tables that the statement reads.
    pub source: ReadSource,
}

impl ReadStatement {
    /// Builds a statement that reads raw facts. Its values are the tenant, the event or events, the first and the last
    /// day, and the time zone; then `more`.
    pub fn of_facts<const N: usize>(
        sql: &'static str,
        query: &TenantQuery,
        events: impl Into<Value>,
        more: [Value; N],
    ) -> Self {
        let scope = [
            query.tenant_id.into(),
            events.into(),
            query.period.from.into(),
            query.period.to.into(),
            query.zone().name().into(),
        ];
        Self {
            sql,
            values: scope.into_iter().chain(more).collect(),
            zone: query.zone(),
            source: ReadSource::Facts,
        }
    }

    /// Executes the statement and calls `process` with each row, which returns the memory of what it keeps of
    /// the row, in bytes. Records the duration.
    pub async fn for_each<C: StreamTrait>(
        self,
        connection: &C,
        memory: &mut ReadMemoryUse,
        process: impl FnMut(&PgRow) -> Result<usize, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let summary = match self.source {
            ReadSource::Rollup => "SELECT event_rollup",
            ReadSource::Facts => "SELECT analytics_events",
        };
        let executing = self.execute(connection, memory, process);
        traced_statement(summary, None, executing).await
    }

    async fn execute<C: StreamTrait>(
        self,
        connection: &C,
        memory: &mut ReadMemoryUse,
        mut process: impl FnMut(&PgRow) -> Result<usize, StoreError> + Send,
    ) -> Result<(), StoreError> {
        let with_zone = |error| StoreError::with_zone(error, self.zone);
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, self.sql, self.values);
        let started = Instant::now();
        let rows = connection.stream_raw(statement).await.map_err(with_zone)?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = rows.try_next().await.map_err(with_zone)? {
            memory.add(process(driver_row(&row)?)?).await?;
        }
        metrics::record_database_duration(self.source, started.elapsed());
        Ok(())
    }
}
