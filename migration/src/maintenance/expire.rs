//! `analytics-migration retention`: what is older than a year goes, or is shown.

use std::time::Duration;

use analytics_shared::{
    database::{ErrorClass, classify},
    maintenance::delete_expired,
};
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, DbErr, FromQueryResult, Statement};

use super::{Session, table};

const CHUNKS: &str = include_str!("expired_chunks.sql");
const ROWS: &str = include_str!("expired_rows.sql");
/// The maximum number of attempts.
const ATTEMPTS: u32 = 10;
/// The delay between two attempts.
const RETRY_DELAY: Duration = Duration::from_secs(1);

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

/// Deletes, and tries again while ingest runs the retention, or while readers of old facts cause a
/// deadlock with the dropping of several chunks.
async fn delete_with_retries(session: &Session) -> anyhow::Result<Rows> {
    let mut attempt = 1;
    loop {
        match delete_expired(&session.database, session.default_zone, true).await {
            Ok(Some(deleted)) => {
                return Ok(Rows {
                    rollup: deleted.rollup_rows,
                    ledger: deleted.ledger_rows,
                });
            }
            Ok(None) if attempt < ATTEMPTS => {
                tracing::info!(attempt, "another process is deleting")
            }
            Ok(None) => bail!("another process is still deleting"),
            Err(error) if attempt < ATTEMPTS && classify(&error) == ErrorClass::Contended => {
                tracing::debug!(%error, attempt, "old facts are being read");
            }
            Err(error) => return Err(error.into()),
        }
        attempt += 1;
        tokio::time::sleep(RETRY_DELAY).await;
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
