//! `INSERT … ON CONFLICT DO NOTHING` of rows into the table of facts of an empty database, on one connection, in
//! batches of the size that the service uses, each in its own transaction.

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use sea_orm::sqlx;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{FloorKind, stored_rows::StoredRows};
use crate::{
    bench::{
        cpu::Measured,
        progress,
        watch::{Lap, Watch},
    },
    database::TestDatabase,
};

const INSERT: &str = "INSERT INTO analytics_service.analytics_events
        (id, tenant_id, event_type, event_id, user_id, properties, created_at)
    SELECT * FROM unnest($1::UUID[], $2::UUID[], $3::TEXT[], $4::UUID[], $5::UUID[],
                         $6::TEXT[]::JSONB[], $7::TIMESTAMPTZ[])
    ON CONFLICT DO NOTHING";
/// Rows per statement: the default maximum of the service.
const BATCH_ROWS: usize = 2_000;
/// Batches parsed ahead of the database.
const BATCHES_AHEAD: usize = 4;

/// Rows by column.
#[derive(Default)]
struct Batch {
    ids: Vec<Uuid>,
    tenants: Vec<Uuid>,
    event_types: Vec<String>,
    events: Vec<Option<Uuid>>,
    users: Vec<Option<Uuid>>,
    properties: Vec<String>,
    times: Vec<DateTime<Utc>>,
}

/// Measures the floor.
///
/// # Errors
/// When the database refuses a batch.
pub async fn measure(rows: &StoredRows, fresh: &TestDatabase) -> anyhow::Result<Lap> {
    let what = FloorKind::Insert.name();
    let bar = progress::bar(what, rows.number);
    let lines = rows.lines()?;
    let (sender, mut batches) = mpsc::channel(BATCHES_AHEAD);
    let pool = fresh.connection.get_postgres_connection_pool();
    let mut connection = pool.acquire().await?;
    let watch = Watch::start(Measured::Nobody);
    // On its own thread, so that the connection does not wait for it.
    let parsing = tokio::task::spawn_blocking(move || parse_all(lines, &sender));
    while let Some(batch) = batches.recv().await {
        let number = batch.ids.len();
        batch.insert(&mut connection).await?;
        bar.inc(number as u64);
    }
    let lap = watch.stop(rows.number);
    parsing.await??;
    bar.finish_and_clear();
    progress::ended(what, "facts", &lap);
    Ok(lap)
}

fn parse_all(
    lines: impl Iterator<Item = std::io::Result<Vec<u8>>>,
    batches: &mpsc::Sender<Batch>,
) -> anyhow::Result<()> {
    let mut batch = Batch::default();
    for line in lines {
        batch.push(std::str::from_utf8(&line?)?)?;
        if batch.ids.len() == BATCH_ROWS {
            batches.blocking_send(std::mem::take(&mut batch))?;
        }
    }
    if !batch.ids.is_empty() {
        batches.blocking_send(batch)?;
    }
    Ok(())
}

impl Batch {
    /// Adds a row from a line of `COPY`.
    fn push(&mut self, line: &str) -> anyhow::Result<()> {
        let cells: Vec<&str> = line.trim_end_matches('\n').split('\t').collect();
        let [id, tenant, event_type, event, user, properties, time] = cells[..] else {
            anyhow::bail!("a row of {} columns", cells.len());
        };
        ensure!(
            !properties.contains('\\'),
            "a row with escaped text: {line}"
        );
        self.ids.push(id.parse()?);
        self.tenants.push(tenant.parse()?);
        self.event_types.push(event_type.to_owned());
        self.events.push(optional_id(event)?);
        self.users.push(optional_id(user)?);
        self.properties.push(properties.to_owned());
        self.times.push(time_of(time)?);
        Ok(())
    }

    async fn insert(self, connection: &mut sqlx::PgConnection) -> anyhow::Result<()> {
        sqlx::query(INSERT)
            .bind(self.ids)
            .bind(self.tenants)
            .bind(self.event_types)
            .bind(self.events)
            .bind(self.users)
            .bind(self.properties)
            .bind(self.times)
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn optional_id(cell: &str) -> anyhow::Result<Option<Uuid>> {
    let id = (cell != "\\N").then(|| cell.parse());
    id.transpose()
        .with_context(|| format!("{cell} is not an id"))
}

/// The time of a cell, as PostgreSQL writes it in its default style: `2026-11-23 08:00:00.5+00`.
fn time_of(cell: &str) -> anyhow::Result<DateTime<Utc>> {
    let time = DateTime::parse_from_str(cell, "%Y-%m-%d %H:%M:%S%.f%#z");
    let time = time.with_context(|| format!("{cell} is not a time"))?;
    Ok(time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_copy_is_parsed() {
        let id = Uuid::from_u128(1);
        let line = format!(
            "{id}\t{id}\tpage.view\t\\N\t{id}\t{{\"source\": \"search\"}}\t2026-11-23 08:00:00.25+00\n"
        );
        let mut batch = Batch::default();
        batch.push(&line).unwrap();
        assert_eq!((batch.events[0], batch.users[0]), (None, Some(id)));
        assert_eq!(batch.properties[0], "{\"source\": \"search\"}");
        let time = batch.times[0].to_rfc3339();
        assert_eq!(time, "2026-11-23T08:00:00.250+00:00");
        assert!(batch.push("1\t2\n").is_err());
    }

    #[test]
    fn whole_seconds_and_offsets_are_times() {
        assert!(time_of("2026-11-23 08:00:00+00").is_ok());
        assert_eq!(
            time_of("2026-11-23 08:00:00+05:30").unwrap(),
            time_of("2026-11-23 02:30:00+00").unwrap()
        );
        assert!(time_of("yesterday").is_err());
    }
}
