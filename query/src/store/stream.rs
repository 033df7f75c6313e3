//! What one statement finds, handed over in batches while it is read: one snapshot, in bounded
//! memory, for as long as it takes.
//!
//! The stream borrows its connection, so a task owns both and feeds a channel. The connection is
//! closed afterwards rather than given back: that is what stops a statement whose reader has gone.

use std::time::Duration;

use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sea_orm::sqlx::{
    Postgres,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query,
    raw_sql,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{Store, StoreError, error::sqlx_error, turn};

/// Rows that are handed over together at most.
const ROWS_PER_BATCH: usize = 256;
/// Bytes after which a batch is handed over, however few its rows.
const BYTES_PER_BATCH: usize = 64 * 1024;
/// Batches that wait for the reader at most.
const WAITING_BATCHES: usize = 2;
/// How long a reader may take nothing before the export is given up.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long an export waits for its turn.
const TURN: Duration = Duration::from_secs(5);
/// An export may take longer than other statements, but ends when its reader has gone, also while
/// the database is still sorting.
const SETTINGS: &str = "SET statement_timeout = 0; SET client_connection_check_interval = '2s'";

/// A statement with its values.
pub(super) type Bound = Query<'static, Postgres, PgArguments>;

/// What is read row by row.
pub(super) trait Streamed: Sized + Send + 'static {
    /// The row, as we know it.
    fn of(row: PgRow) -> Result<Self, StoreError>;

    /// Memory that it takes beside its own size, about.
    fn bytes(&self) -> usize;
}

/// What the reader of a stream gets. A channel that ends without [`Piece::End`] was broken off.
#[derive(Debug)]
pub enum Piece<T> {
    /// Some rows, in order.
    Rows(Vec<T>),
    /// There are no more.
    End,
    /// The database failed.
    Failed(StoreError),
}

impl Store {
    /// Begins to read what `statement`, which was given `zone`, finds. Dropping the receiver stops
    /// it.
    pub(super) async fn stream<T: Streamed>(
        &self,
        statement: Bound,
        zone: Tz,
    ) -> Result<mpsc::Receiver<Piece<T>>, StoreError> {
        let slot = turn(&self.export_slots, TURN).await;
        let slot = slot.ok_or(StoreError::TooManyExports)?;
        let pool = self.database.get_postgres_connection_pool();
        let mut connection = pool.acquire().await?;
        connection.close_on_drop();
        let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
        tokio::spawn(feed(connection, statement, zone, sender, slot));
        Ok(receiver)
    }
}

async fn feed<T: Streamed>(
    mut connection: PoolConnection<Postgres>,
    statement: Bound,
    zone: Tz,
    sender: mpsc::Sender<Piece<T>>,
    _slot: OwnedSemaphorePermit,
) {
    let last = tokio::select! {
        () = sender.closed() => return,
        outcome = read(&mut connection, statement, zone, &sender) => match outcome {
            Ok(Flow::AllRead) => Piece::End,
            Ok(Flow::ReaderGone) => return,
            Err(error) => Piece::Failed(error),
        },
    };
    // A reader that has gone does not mind.
    let _ = sender.send_timeout(last, PATIENCE).await;
}

enum Flow {
    AllRead,
    ReaderGone,
}

async fn read<T: Streamed>(
    connection: &mut PoolConnection<Postgres>,
    statement: Bound,
    zone: Tz,
    sender: &mpsc::Sender<Piece<T>>,
) -> Result<Flow, StoreError> {
    raw_sql(SETTINGS).execute(&mut **connection).await?;
    let mut found = statement.fetch(&mut **connection);
    let (mut batch, mut bytes) = (Vec::with_capacity(ROWS_PER_BATCH), 0);
    loop {
        let next = found.try_next().await;
        let next = next.map_err(|error| StoreError::with_zone(sqlx_error(error), zone))?;
        let end = next.is_none();
        if let Some(row) = next {
            let row = T::of(row)?;
            bytes += row.bytes();
            batch.push(row);
        }
        if end || batch.len() == ROWS_PER_BATCH || bytes >= BYTES_PER_BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(ROWS_PER_BATCH));
            bytes = 0;
            if let Err(error) = sender.send_timeout(Piece::Rows(full), PATIENCE).await {
                tracing::info!(%error, "an export is given up");
                return Ok(Flow::ReaderGone);
            }
        }
        if end {
            return Ok(Flow::AllRead);
        }
    }
}
