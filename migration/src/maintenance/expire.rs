//! `analytics-migration retention`: what is older than a year goes, or is shown.

use analytics_shared::database::{Failure, failure};
use anyhow::Context;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, TransactionTrait, raw_sql,
};

use super::{Session, table};

const CHUNKS: &str = include_str!("expired_chunks.sql");
const ROWS: &str = include_str!("expired_rows.sql");
/// Events whose expired days one statement deletes: it holds a lock for each.
const MAX_EVENTS: i32 = 200;
/// Attempts to delete what has expired.
const ATTEMPTS: u32 = 5;
/// The lock that the ingest tier takes for the same work; whoever reads an old chunk may not make
/// everybody else wait behind us.
const ALONE: &str = "
    SET LOCAL lock_timeout = '10s';
    SELECT pg_advisory_xact_lock(hashtext('analytics_service.retention'))";

/// A chunk of facts that has expired.
#[derive(FromQueryResult)]
struct Chunk {
    name: String,
    range_start: DateTime<Utc>,
    range_end: DateTime<Utc>,
    facts: i64,
}

/// Rows that have expired with the facts.
#[derive(FromQueryResult)]
struct Rows {
    rollup: i64,
    ledger: i64,
}

/// Deletes what is older than a year now, on every edition; or only shows it, if it is a `dry_run`.
///
/// # Errors
/// When nothing was deleted.
pub async fn expire(session: &Session, dry_run: bool) -> anyhow::Result<()> {
    let chunks = find(session, CHUNKS, []).await;
    let chunks: Vec<Chunk> = chunks.context("cannot list the chunks")?;
    let rows = if dry_run {
        let zone = session.default_zone;
        let rows: Vec<Rows> = find(session, ROWS, [zone.into()])
            .await
            .context("cannot count what has expired")?;
        rows.into_iter().next().context("no answer")?
    } else {
        delete_with_retries(session)
            .await
            .context("nothing is deleted; is somebody reading old facts?")?
    };
    show(&chunks, &rows);
    let tense = if dry_run { "would be" } else { "is" };
    table::line(&format!("this {tense} deleted"));
    Ok(())
}

async fn find<T: FromQueryResult, const N: usize>(
    session: &Session,
    sql: &str,
    values: [sea_orm::Value; N],
) -> Result<Vec<T>, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    T::find_by_statement(statement).all(&session.database).await
}

/// Dropping several chunks while somebody reads them can deadlock: it succeeds when the reader is done.
async fn delete_with_retries(session: &Session) -> anyhow::Result<Rows> {
    let mut attempt = 1;
    loop {
        match delete(session).await {
            Err(error) if attempt < ATTEMPTS && is_contended(&error) => {
                tracing::debug!(%error, attempt, "the facts are being read");
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn is_contended(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<DbErr>();
    cause.is_some_and(|cause| failure(cause) == Failure::Contended)
}

async fn delete(session: &Session) -> anyhow::Result<Rows> {
    let zone = session.default_zone;
    let transaction = session.database.begin().await?;
    transaction.execute_unprepared(ALONE).await?;
    let drop = raw_sql!(Postgres, "SELECT drop_expired_facts()");
    transaction.query_all_raw(drop).await?;
    let ledger = raw_sql!(Postgres, "SELECT expire_ledger() AS rows");
    let ledger = transaction.query_one_raw(ledger).await?;
    transaction.commit().await?;
    let mut rows = Rows {
        rollup: 0,
        ledger: ledger.context("no answer")?.try_get("", "rows")?,
    };
    loop {
        let expire = raw_sql!(
            Postgres,
            r"SELECT rows, events FROM expire_rollup({zone}, {MAX_EVENTS})"
        );
        let expired = session.database.query_one_raw(expire).await?;
        let expired = expired.context("no answer")?;
        rows.rollup += expired.try_get::<i64>("", "rows")?;
        if expired.try_get::<i64>("", "events")? < MAX_EVENTS.into() {
            return Ok(rows);
        }
    }
}

fn show(chunks: &[Chunk], rows: &Rows) {
    let of_chunks = chunks.iter().map(|chunk| {
        let day = |time: DateTime<Utc>| time.format("%Y-%m-%d").to_string();
        [
            format!("facts ({})", chunk.name),
            day(chunk.range_start),
            day(chunk.range_end),
            chunk.facts.to_string(),
        ]
    });
    let of_rows = [
        ("rollup (event_rollup)", rows.rollup),
        ("ledger (lifecycle_ledger)", rows.ledger),
    ];
    let of_rows = of_rows.map(|(name, rows)| {
        [
            name.to_owned(),
            String::new(),
            String::new(),
            rows.to_string(),
        ]
    });
    table::print(["what", "from", "to", "rows"], 1, of_chunks.chain(of_rows));
}
