//! Exports of the most popular event, a tenth of all facts, relative to `COPY` of the same rows to a file.
//!
//! `COPY` works as `psql \copy`: the server sends CSV, which is written to a file.

use std::{
    fmt,
    io::{BufWriter, Write},
};

use analytics_shared::clock;
use anyhow::{Context, ensure};
use bytes::Bytes;
use chrono::Days;
use futures_util::TryStreamExt;
use sea_orm::sqlx;
use serde_json::json;

use super::site::Site;
use crate::bench::{
    client::Client,
    cpu::Measured,
    progress,
    watch::{Lap, Watch},
};

/// The number of runs per file.
const TIMES: usize = 3;
/// The path of exports.
pub const PATH: &str = "/api/v1/analytics/export";
/// Settings of the session, because `COPY` has no parameters.
const SETTINGS: &str =
    "SELECT set_config('bench.tenant', $1, FALSE), set_config('bench.event', $2, FALSE)";

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `COPY` to a file.
    Copy,
    /// An export as CSV.
    Csv,
    /// An export as a workbook.
    Xlsx,
}

/// The measurement of a file.
pub struct File {
    /// Its kind.
    pub format: Format,
    /// The median run.
    pub lap: Lap,
    /// The maximum growth of the process, in KiB.
    pub growth_kib: Option<u64>,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Copy => "COPY of the same rows",
            Self::Csv => "export, CSV",
            Self::Xlsx => "export, XLSX",
        })
    }
}

impl Format {
    /// All of them; `COPY` is first, because exports are compared with it.
    pub const ALL: [Self; 3] = [Self::Copy, Self::Csv, Self::Xlsx];
}

/// Measures a file.
///
/// # Errors
/// When a file is incomplete.
pub async fn measure(site: &Site, format: Format) -> anyhow::Result<File> {
    let what = site.programs.label(&format.to_string());
    let (mut laps, mut growths) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let (lap, growth) = match format {
            Format::Copy => (copy(site).await?, None),
            Format::Csv => export(site, "csv").await?,
            Format::Xlsx => export(site, "xlsx").await?,
        };
        progress::ended(&what, "rows", &lap);
        laps.push(lap);
        growths.push(growth);
    }
    laps.sort_by_key(|lap| lap.took);
    Ok(File {
        format,
        lap: laps.swap_remove(TIMES / 2),
        growth_kib: growths.into_iter().max().flatten(),
    })
}

/// Checks that exports have as many rows as `COPY`.
///
/// # Errors
/// When one of them has not.
pub fn ensure_equal_rows(files: &[File]) -> anyhow::Result<()> {
    let rows = files.first().map(|file| file.lap.number);
    ensure!(
        files.iter().all(|file| Some(file.lap.number) == rows),
        "an export has other rows than COPY, which has {rows:?}"
    );
    Ok(())
}

/// The body of a request for an export of the large event.
#[must_use]
pub fn request(site: &Site, format: &str) -> Bytes {
    let today = clock::now().date_naive();
    let request = json!({
        "organizationId": site.event.tenant, "eventId": site.event.id, "format": format,
        // Covers the current day in every zone.
        "dateFrom": today - Days::new(200), "dateTo": today + Days::new(1),
    });
    Bytes::from(request.to_string())
}

async fn copy(site: &Site) -> anyhow::Result<Lap> {
    let pool = site.database.connection.get_postgres_connection_pool();
    let mut connection = pool.acquire().await?;
    sqlx::query(SETTINGS)
        .bind(site.event.tenant.to_string())
        .bind(site.event.id.to_string())
        .execute(&mut *connection)
        .await?;
    let mut file = BufWriter::new(tempfile::tempfile()?);
    let watch = Watch::start(Measured::Nobody);
    // The server sends every row as a message of its own, and the header too.
    let mut lines = 0;
    let mut copied = connection
        .copy_out_raw(include_str!("sql/copy_facts.sql"))
        .await?;
    while let Some(line) = copied.try_next().await? {
        file.write_all(&line)?;
        lines += 1;
    }
    file.flush()?;
    Ok(watch.stop(lines - 1))
}

/// Requests an export from a process that has just started.
async fn export(site: &Site, format: &str) -> anyhow::Result<(Lap, Option<u64>)> {
    let mut query = site.query().await;
    let mut client = Client::connect(&query.url(""), 1, &site.reader).await?;
    let before = query.memory_kib();
    let watch = Watch::start(Measured::Running(query.id()));
    let fetched = client.fetch(PATH, request(site, format)).await?;
    let rows = fetched
        .trailers
        .get("x-row-count")
        .context("an export without its number of rows")?;
    let lap = watch.stop(rows.to_str()?.parse()?);
    ensure!(fetched.bytes > 0, "an export is empty");
    let growth = query.peak_memory_kib().saturating_sub(before);
    query.terminate().await;
    Ok((lap, Some(growth)))
}
