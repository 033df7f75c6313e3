//! The floor of everything that is stored: `COPY` of the rows that a way has stored into the same
//! hypertable with the same indexes, in the order in which they were sent, on one connection. There
//! is no faster way into a table; it checks nothing, counts nothing and answers nobody.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use futures_util::TryStreamExt;
use sea_orm::sqlx::postgres::PgPoolCopyExt;

use super::{Bench, stage};
use crate::{
    bench::{
        copy_in::CopyIn,
        cpu::Measured,
        mix::Fact,
        progress,
        watch::{Lap, Watch},
    },
    database::TestDatabase,
};

/// What leads from a row to the fact that was sent, as in `Fact::key`, and the row itself.
const OUT: &str = "COPY (
    SELECT COALESCE(properties ->> 'paymentId', event_type || (properties ->> 'registrationId'), id::TEXT),
           id, tenant_id, event_type, event_id, user_id, properties, created_at
    FROM analytics_service.analytics_events
) TO STDOUT";
const IN: &str = "COPY analytics_service.analytics_events
    (id, tenant_id, event_type, event_id, user_id, properties, created_at) FROM STDIN";
const WHAT: &str = "floor: COPY of the same rows";

/// Measures `COPY` of what `stored` holds, into a fresh database.
///
/// # Errors
/// When the rows are not those that were sent.
pub async fn again(bench: &Bench, sent: &[Fact], stored: &TestDatabase) -> anyhow::Result<Lap> {
    let lines = lines(sent, stored).await?;
    let fresh = stage::database(bench).await?;
    let bar = progress::bar(WHAT, sent.len());
    let watch = Watch::start(Measured::Nobody);
    let mut copy = CopyIn::begin(&fresh, IN).await?;
    for line in &lines {
        bar.inc(copy.row(line).await?);
    }
    copy.finish().await?;
    let lap = watch.stop(lines.len());
    bar.finish_and_clear();
    progress::ended(WHAT, "facts", &lap);
    stage::ensure_stored(&fresh, sent.len()).await?;
    Ok(lap)
}

/// The rows as lines of `COPY`, in the order in which their facts were sent.
async fn lines(sent: &[Fact], stored: &TestDatabase) -> anyhow::Result<Vec<Vec<u8>>> {
    let places = sent.iter().enumerate();
    let places: HashMap<Vec<u8>, usize> = places
        .map(|(place, fact)| (fact.key().into_bytes(), place))
        .collect();
    let mut lines = vec![Vec::new(); sent.len()];
    let pool = stored.connection.get_postgres_connection_pool();
    // The server sends every row as a message of its own.
    let mut rows = pool.copy_out_raw(OUT).await?;
    while let Some(row) = rows.try_next().await? {
        let tab = row.iter().position(|byte| *byte == b'\t');
        let (key, line) = row.split_at(tab.context("a row without a key")?);
        let place = places.get(key).context("a row that nobody has sent")?;
        lines[*place] = line[1..].to_vec();
    }
    ensure!(
        lines.iter().all(|line| !line.is_empty()),
        "a row is missing"
    );
    Ok(lines)
}
