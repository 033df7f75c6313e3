//! Streams for exports: the result of one statement in batches, read from one snapshot in bounded memory
//! for as long as the client takes.
//!
//! The stream of rows borrows its connection, so a task owns both and sends to a channel. The
//! connection is closed afterwards instead of returned to the pool, which cancels the statement when
//! the receiver is dropped.

use std::time::Duration;

use analytics_shared::{
    database::DatabasePool,
    telemetry::{in_current_request, traces::traced_statement},
};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sea_orm::sqlx::{
    Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{
    database::Store,
    error::{StoreError, sqlx_error},
    snapshot::tenant_setting,
    tenant_query::TenantQuery,
};

/// Rows per batch at most.
const BATCH_MAX_ROWS: usize = 256;
/// The size after which a batch is sent, in bytes.
const BATCH_MAX_BYTES: usize = 64 * 1024;
/// Batches in the channel at most.
const CHANNEL_CAPACITY: usize = 2;
/// The time after which an export is cancelled whose receiver takes no batch.
const SEND_TIMEOUT: Duration = Duration::from_mins(1);
/// The settings of an export, which may run longer than other statements, but PostgreSQL checks for a closed
/// connection also while it sorts.
const SETTINGS: &str =
    "SET LOCAL statement_timeout = 0; SET LOCAL client_connection_check_interval = '2s'";

/// A statement with its values.
pub(super) type BoundQuery = Query<'static, Postgres, PgArguments>;

/// A record that is decoded from a row of a stream.
pub(super) trait StreamedRow: Sized + Send + 'static {
    fn decode(row: PgRow) -> Result<Self, StoreError>;

    /// Returns the approximate memory beside the size of the value itself, in bytes.
    fn heap_bytes(&self) -> usize;
}

/// An item of a stream. A channel that closes without [`StreamItem::Last`] is truncated.
#[derive(Debug)]
pub enum StreamItem<T> {
    /// A batch of records, in order.
    Batch(Vec<T>),
    /// The last batch.
    Last(Vec<T>),
    /// The database failed.
    Failed(StoreError),
}

impl Store {
    /// Starts a stream of the result of `query`, which reads rows of the tenant of `scope` and has its time zone
    /// among its values. Dropping the receiver cancels it.
    pub(super) async fn stream<T: StreamedRow>(
        &self,
        query: BoundQuery,
        scope: &TenantQuery,
    ) -> Result<mpsc::Receiver<StreamItem<T>>, StoreError> {
        let permit = self.acquire_export_permit().await?;
        let mut connection = self.database.driver_pool().acquire().await?;
        connection.close_on_drop();
        let (sender, receiver) = mpsc::channel(CHANNEL_CAPACITY);
        let statement = StreamStatement {
            database: self.database.clone(),
            settings: format!("{SETTINGS}; {}", tenant_setting(scope.tenant_id)),
            query,
            zone: scope.zone(),
        };
        let sending = send_all(connection, statement, sender, permit);
        // The rows are read after the head of the response, and belong to the request.
        tokio::spawn(in_current_request(sending));
        Ok(receiver)
    }
}

/// A statement in a transaction of its own.
struct StreamStatement {
    database: DatabasePool,
    /// The settings of the transaction.
    settings: String,
    query: BoundQuery,
    zone: Tz,
}

async fn send_all<T: StreamedRow>(
    mut connection: PoolConnection<Postgres>,
    statement: StreamStatement,
    sender: mpsc::Sender<StreamItem<T>>,
    _permit: OwnedSemaphorePermit,
) {
    let sent = tokio::select! {
        () = sender.closed() => return,
        sent = traced_statement(
            "SELECT analytics_events",
            None,
            send_batches(&mut connection, statement, &sender),
        ) => sent,
    };
    if let Err(error) = sent {
        // The receiver may be gone already.
        let failed = StreamItem::Failed(error);
        let _ = sender.send_timeout(failed, SEND_TIMEOUT).await;
    }
}

async fn send_batches<T: StreamedRow>(
    connection: &mut PoolConnection<Postgres>,
    statement: StreamStatement,
    sender: &mpsc::Sender<StreamItem<T>>,
) -> Result<(), StoreError> {
    let StreamStatement {
        database,
        settings,
        query,
        zone,
    } = statement;
    let mut transaction = database.begin_on(connection, &settings).await?;
    let mut rows = query.fetch(&mut *transaction);
    let (mut batch, mut bytes) = (Vec::with_capacity(BATCH_MAX_ROWS), 0);
    loop {
        let next = rows.try_next().await;
        let next = next.map_err(|error| StoreError::with_zone(sqlx_error(error), zone))?;
        let is_last = next.is_none();
        if let Some(row) = next {
            let record = T::decode(row)?;
            bytes += record.heap_bytes();
            batch.push(record);
        }
        if is_last || batch.len() == BATCH_MAX_ROWS || bytes >= BATCH_MAX_BYTES {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_MAX_ROWS));
            bytes = 0;
            let item = if is_last {
                StreamItem::Last
            } else {
                StreamItem::Batch
            };
            let sent = sender.send_timeout(item(full), SEND_TIMEOUT).await;
            if let Err(error) = &sent {
                tracing::info!(%error, "export cancelled: the client does not read");
            }
            if sent.is_err() {
                return Ok(());
            }
            if is_last {
                break;
            }
        }
    }
    drop(rows);
    // A pooler would close the server connection of an open transaction.
    Ok(transaction.commit().await?)
}
