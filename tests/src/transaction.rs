//! A transaction that a test keeps open, to force an interleaving with other transactions.

use std::time::{Duration, Instant};

use analytics_shared::clock;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::database::TestDatabase;

/// The statement by which the write tier stores a batch.
const WRITE_BATCH: &str = include_str!("../../ingest/src/store/write_batch.sql");
/// The statement by which the write tier compacts days.
const COMPACT: &str = include_str!("../../ingest/src/store/compaction/compact.sql");
/// The number of appended rows at which a key is due.
const DUE_ROWS: i64 = 8;
/// The time within which another session must block.
const MEETING: Duration = Duration::from_secs(20);

/// An open transaction on its own connection.
pub struct OpenTransaction {
    connection: PgConnection,
}

/// A row of a batch.
#[derive(Clone, Debug)]
pub struct BatchRow {
    /// The tenant.
    pub tenant: Uuid,
    /// The ticketing event.
    pub event: Uuid,
    /// The type of the fact.
    pub event_type: &'static str,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// Its properties.
    pub properties: Value,
}

impl BatchRow {
    /// A page view of a visitor, now.
    #[must_use]
    pub fn view(tenant: Uuid, event: Uuid, visitor: &str) -> Self {
        Self {
            tenant,
            event,
            event_type: "page.view",
            created_at: clock::now(),
            properties: json!({ "visitorId": visitor }),
        }
    }

    /// The same at another time.
    #[must_use]
    pub fn at(self, created_at: DateTime<Utc>) -> Self {
        Self { created_at, ..self }
    }
}

impl OpenTransaction {
    /// Begins a transaction with the search path of the service.
    pub async fn begin(database: &TestDatabase) -> Self {
        let connection = PgConnection::connect(&database.url).await;
        let mut transaction = Self {
            connection: connection.expect("TimescaleDB answers"),
        };
        let begin = "BEGIN; SET LOCAL search_path = analytics_service, public; SET LOCAL jit = off";
        transaction.execute(begin).await;
        transaction
    }

    /// Begins a transaction with one snapshot.
    pub async fn begin_snapshot(database: &TestDatabase) -> Self {
        let mut transaction = Self::begin(database).await;
        let isolation = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        transaction.execute(isolation).await;
        transaction
    }

    /// Begins a transaction that holds the rollup lock of `event`.
    pub async fn with_event_lock(database: &TestDatabase, event: Uuid) -> Self {
        let mut transaction = Self::begin(database).await;
        let lock = format!("SELECT pg_advisory_xact_lock(rollup_lock_key('{event}'))");
        transaction.execute(&lock).await;
        transaction
    }

    /// Begins a transaction that holds the compaction lock.
    pub async fn without_compaction(database: &TestDatabase) -> Self {
        let mut transaction = Self::begin(database).await;
        let lock = "SELECT pg_advisory_xact_lock(hashtext('analytics_service.compaction'))";
        transaction.execute(lock).await;
        transaction
    }

    /// Executes one or more statements.
    pub async fn execute(&mut self, sql: &str) {
        let executed = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.connection)
            .await;
        executed.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The value that a query returns.
    pub async fn value<T>(&mut self, sql: &str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let value = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut self.connection)
            .await;
        value.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Stores a batch as the write tier does. Returns the number of facts that were new.
    pub async fn write_batch(&mut self, rows: &[BatchRow]) -> usize {
        let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
        let tenants: Vec<Uuid> = rows.iter().map(|row| row.tenant).collect();
        let types: Vec<&str> = rows.iter().map(|row| row.event_type).collect();
        let events: Vec<Uuid> = rows.iter().map(|row| row.event).collect();
        let properties: Vec<String> = rows.iter().map(|row| row.properties.to_string()).collect();
        let times: Vec<DateTime<Utc>> = rows.iter().map(|row| row.created_at).collect();
        let stored = sqlx::query(WRITE_BATCH)
            .bind(ids)
            .bind(tenants)
            .bind(types)
            .bind(events)
            .bind(vec![None::<Uuid>; rows.len()])
            .bind(properties)
            .bind(times)
            .bind(vec![None::<String>; rows.len()])
            .bind(vec!["service"; rows.len()])
            .bind("UTC")
            .fetch_all(&mut self.connection)
            .await;
        stored.expect("stored").len()
    }

    /// Compacts days of an event as the write tier does; the caller holds the event's lock. Returns
    /// the number of merged rows.
    pub async fn compact(
        &mut self,
        tenant: Uuid,
        event: Uuid,
        days: &[NaiveDate],
        seals: bool,
    ) -> i64 {
        let merged = sqlx::query_scalar(COMPACT)
            .bind(vec![tenant; days.len()])
            .bind(vec![event; days.len()])
            .bind(days)
            .bind(DUE_ROWS)
            .bind(seals)
            .fetch_one(&mut self.connection)
            .await;
        merged.expect("compacted")
    }

    /// Commits.
    pub async fn commit(mut self) {
        self.execute("COMMIT").await;
        self.connection.close().await.expect("closed");
    }
}

impl TestDatabase {
    /// Waits until a statement with `text` in its first 1,000 bytes is blocked by a lock.
    pub async fn until_locked_out(&self, text: &str) {
        let waits = "wait_event_type = 'Lock'";
        self.until_active(waits, text).await;
    }

    /// Waits until a rebuild waits for transactions that write to the rollup.
    pub async fn until_rebuild_waits_for_writers(&self) {
        let waits = "wait_event = 'PgSleep'";
        self.until_active(waits, "wait_for_rollup_writers").await;
    }

    async fn until_active(&self, waits: &str, text: &str) {
        let waiting = format!(
            "SELECT COUNT(*) FROM pg_stat_activity
             WHERE datname = current_database() AND state = 'active' AND {waits}
               AND query LIKE '%{text}%'"
        );
        let deadline = Instant::now() + MEETING;
        while self.number(&waiting).await == 0 {
            assert!(Instant::now() < deadline, "no {text} waits");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
