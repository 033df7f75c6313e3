//! The facts of an export, streamed by one statement: one snapshot, in bounded memory, for as long
//! as it takes.
//!
//! The stream borrows its connection, so a task owns both and feeds a channel. The connection is
//! closed afterwards rather than given back: that is what stops a statement whose reader has gone.

use std::time::Duration;

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sea_orm::sqlx::{self, Postgres, Row, pool::PoolConnection, postgres::PgRow, raw_sql};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use uuid::Uuid;

use super::{Store, StoreError, error::sqlx_error};

/// Facts that are handed over together at most.
const FACTS_PER_BATCH: usize = 256;
/// Bytes after which a batch is handed over, however few its facts.
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

/// The facts to export.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// Their tenant.
    pub tenant_id: Uuid,
    /// One event, or everything of the tenant.
    pub event_id: Option<Uuid>,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone of the days.
    pub zone: Tz,
}

/// A fact with the properties that have columns of their own.
#[derive(Clone, Debug)]
pub struct StoredFact {
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// What happened.
    pub event_type: String,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The logged-in person.
    pub user_id: Option<Uuid>,
    /// The traffic source that it is counted under.
    pub source: String,
    /// `properties.ticketTypeId`
    pub ticket_type_id: Option<String>,
    /// `properties.ticketTypeName`
    pub ticket_type_name: Option<String>,
    /// `properties.registrationId`
    pub registration_id: Option<String>,
    /// `properties.amountCents`, as it is written there.
    pub amount_cents: Option<String>,
    /// `properties.currency`
    pub currency: Option<String>,
    /// All properties, as PostgreSQL writes JSON.
    pub properties: Option<String>,
}

/// What the reader of an export gets. A channel that ends without [`Piece::End`] was broken off.
#[derive(Debug)]
pub enum Piece {
    /// Some facts, in order.
    Facts(Vec<StoredFact>),
    /// There are no more.
    End,
    /// The database failed.
    Failed(StoreError),
}

impl Store {
    /// Begins to read the facts of an export. Dropping the receiver stops it.
    ///
    /// # Errors
    /// When too many exports are running already, or the database does not answer.
    pub async fn stream_facts(
        &self,
        selection: Selection,
    ) -> Result<mpsc::Receiver<Piece>, StoreError> {
        let turn = self.export_slots.clone().acquire_owned();
        let permit = tokio::time::timeout(TURN, turn)
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(StoreError::TooManyExports)?;
        let pool = self.database.get_postgres_connection_pool();
        let mut connection = pool.acquire().await?;
        connection.close_on_drop();
        let (sender, receiver) = mpsc::channel(WAITING_BATCHES);
        tokio::spawn(feed(connection, selection, sender, permit));
        Ok(receiver)
    }
}

async fn feed(
    mut connection: PoolConnection<Postgres>,
    selection: Selection,
    sender: mpsc::Sender<Piece>,
    _slot: OwnedSemaphorePermit,
) {
    let last = tokio::select! {
        () = sender.closed() => return,
        outcome = read(&mut connection, selection, &sender) => match outcome {
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

async fn read(
    connection: &mut PoolConnection<Postgres>,
    selection: Selection,
    sender: &mpsc::Sender<Piece>,
) -> Result<Flow, StoreError> {
    let zone = selection.zone;
    raw_sql(SETTINGS).execute(&mut **connection).await?;
    let mut facts = sqlx::query(include_str!("facts.sql"))
        .bind(selection.tenant_id)
        .bind(selection.event_id)
        .bind(selection.period.from)
        .bind(selection.period.to)
        .bind(zone.name())
        .try_map(|row| stored_fact(&row))
        .fetch(&mut **connection);
    let (mut batch, mut bytes) = (Vec::with_capacity(FACTS_PER_BATCH), 0);
    loop {
        let next = facts.try_next().await;
        let next = next.map_err(|error| StoreError::with_zone(sqlx_error(error), zone))?;
        let end = next.is_none();
        if let Some(fact) = next {
            bytes += fact.properties.as_ref().map_or(0, String::len);
            batch.push(fact);
        }
        if end || batch.len() == FACTS_PER_BATCH || bytes >= BYTES_PER_BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(FACTS_PER_BATCH));
            bytes = 0;
            if let Err(error) = sender.send_timeout(Piece::Facts(full), PATIENCE).await {
                tracing::info!(%error, "an export is given up");
                return Ok(Flow::ReaderGone);
            }
        }
        if end {
            return Ok(Flow::AllRead);
        }
    }
}

fn stored_fact(row: &PgRow) -> sqlx::Result<StoredFact> {
    Ok(StoredFact {
        id: row.try_get("id")?,
        created_at: row.try_get("created_at")?,
        event_type: row.try_get("event_type")?,
        event_id: row.try_get("event_id")?,
        user_id: row.try_get("user_id")?,
        source: row.try_get("source")?,
        ticket_type_id: row.try_get("ticket_type_id")?,
        ticket_type_name: row.try_get("ticket_type_name")?,
        registration_id: row.try_get("registration_id")?,
        amount_cents: row.try_get("amount_cents")?,
        currency: row.try_get("currency")?,
        properties: row.try_get("properties")?,
    })
}
