//! `analytics-migration retention`: deletes, or lists, everything older than a year, and share links that expired
//! long ago.

use std::time::Duration;

use analytics_shared::database::{Deleted, ErrorClass, classify, delete_expired};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, DbErr, FromQueryResult, Statement, Value};

use super::{session::Session, table};

const EXPIRED_CHUNKS: &str = include_str!("expired_chunks.sql");
const EXPIRED_ROWS: &str = include_str!("expired_rows.sql");
/// The maximum number of attempts.
const ATTEMPTS: u32 = 10;
/// The delay between two attempts.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// An expired chunk of facts.
#[derive(FromQueryResult)]
struct Chunk {
    name: String,
    range_start: DateTime<Utc>,
    range_end: DateTime<Utc>,
    facts: i64,
}

/// Deletes everything older than a year, on every edition; with `dry_run`, only lists it.
///
/// # Errors
/// When not everything was deleted.
pub async fn apply_retention(session: &Session, dry_run: bool) -> anyhow::Result<()> {
    let chunks = query(session, EXPIRED_CHUNKS, []).await;
    let chunks: Vec<Chunk> = chunks.context("cannot list the chunks")?;
    if dry_run {
        let zone = session.default_timezone;
        let rows = query(session, EXPIRED_ROWS, [zone.into()]).await;
        let rows: Vec<Deleted> = rows.context("cannot count expired rows")?;
        print(&chunks, rows.first().context("no result")?);
    } else {
        let deleted = delete_with_retries(session).await;
        print(
            &chunks,
            &deleted.context("not everything was deleted: check for long reads of old facts")?,
        );
    }
    let tense = if dry_run { "would be" } else { "is" };
    table::line(&format!("this {tense} deleted"));
    Ok(())
}

async fn query<T: FromQueryResult, const N: usize>(
    session: &Session,
    sql: &str,
    values: [Value; N],
) -> Result<Vec<T>, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    T::find_by_statement(statement).all(&session.database).await
}

/// Deletes, and retries while ingest runs the retention, or while old facts are being read.
async fn delete_with_retries(session: &Session) -> anyhow::Result<Deleted> {
    let mut attempt = 1;
    loop {
        match delete_expired(&session.database, session.default_timezone, true).await {
            Ok(Some(deleted)) => return Ok(deleted),
            Ok(None) if attempt == ATTEMPTS => bail!("another process is running the retention"),
            Ok(None) => tracing::info!(attempt, "another process is running the retention"),
            Err(error) if attempt < ATTEMPTS && classify(&error) == ErrorClass::Contended => {
                tracing::debug!(%error, attempt, "old facts are being read");
            }
            Err(error) => return Err(error.into()),
        }
        attempt += 1;
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

fn print(chunks: &[Chunk], rows: &Deleted) {
    let chunks = chunks.iter().map(|chunk| {
        let day = |time: DateTime<Utc>| time.format("%Y-%m-%d").to_string();
        [
            format!("facts ({})", chunk.name),
            day(chunk.range_start),
            day(chunk.range_end),
            chunk.facts.to_string(),
        ]
    });
    let derived = [
        ("rollup (event_rollup)", rows.rollup_rows),
        ("ledger (lifecycle_ledger)", rows.ledger_rows),
        ("share links (shared_links)", rows.shared_links),
    ];
    let derived = derived.map(|(name, rows)| {
        let (from, to) = (String::new(), String::new());
        [name.to_owned(), from, to, rows.to_string()]
    });
    table::print(["what", "from", "to", "rows"], 1, chunks.chain(derived));
}
