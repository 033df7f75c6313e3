//! The same figures by plain SQL over the facts: the expected values, and the latency without a service.

use std::time::Instant;

use anyhow::{Context, bail};
use sea_orm::sqlx::{self, PgPool, Row as _, postgres::PgRow};

use super::{
    figure::{Counts, Figure, METRICS},
    latency::Latency,
    site::Site,
};
use crate::bench::{
    cpu::Measured,
    watch::{Lap, Watch},
};

/// The number of runs of each statement.
const TIMES: usize = 3;

/// The result and the duration of plain SQL.
pub struct Plain {
    /// The figures.
    pub counts: Counts,
    /// The duration of the statement.
    pub latency: Latency,
    /// The total duration of all runs.
    pub lap: Lap,
}

/// Queries a figure several times.
///
/// # Errors
/// When the database fails.
pub async fn measure(site: &Site, figure: Figure) -> anyhow::Result<Plain> {
    let watch = Watch::start(Measured::Nobody);
    let (mut counts, mut times) = (Counts::new(), Vec::new());
    for _ in 0..TIMES {
        let began = Instant::now();
        let rows = rows(site, figure).await?;
        times.push(began.elapsed());
        counts = told(figure, &rows)?;
    }
    Ok(Plain {
        counts,
        latency: Latency::of(times),
        lap: watch.stop(TIMES),
    })
}

/// The current figures.
///
/// # Errors
/// When the database fails.
pub async fn counts(site: &Site, figure: Figure) -> anyhow::Result<Counts> {
    told(figure, &rows(site, figure).await?)
}

async fn rows(site: &Site, figure: Figure) -> anyhow::Result<Vec<PgRow>> {
    let event = &site.event;
    let pool: &PgPool = site.database.connection.get_postgres_connection_pool();
    let query = match figure {
        Figure::Dashboard => sqlx::query(include_str!("sql/dashboard.sql"))
            .bind(event.tenant)
            .bind(event.id)
            .bind(event.zone),
        Figure::Funnel => sqlx::query(include_str!("sql/funnel.sql"))
            .bind(event.tenant)
            .bind(event.id),
        Figure::Report => sqlx::query(include_str!("sql/report.sql"))
            .bind(event.tenant)
            .bind(event.zone),
    };
    let rows = query.fetch_all(pool).await;
    rows.with_context(|| format!("plain SQL of the {figure}"))
}

/// The figures of rows, by their names in responses.
fn told(figure: Figure, rows: &[PgRow]) -> anyhow::Result<Counts> {
    let mut counts = Counts::new();
    for row in rows {
        let key: String = row.try_get("key")?;
        if figure == Figure::Funnel {
            let step = step(&key)?;
            for figure in ["count", "visitors"] {
                counts.insert(format!("{step} {figure}"), row.try_get(figure)?);
            }
            continue;
        }
        let part: String = row.try_get("part")?;
        if part == "whole" || part == "event" {
            for name in METRICS {
                counts.insert(format!("{key} {name}"), row.try_get(name)?);
            }
        }
    }
    Ok(counts)
}

/// The funnel step of a type.
fn step(event_type: &str) -> anyhow::Result<&'static str> {
    Ok(match event_type {
        "page.view" => "pageViews",
        "registration.started" => "registrationStarted",
        "registration.completed" => "registrationCompleted",
        "checkin.completed" => "checkedIn",
        other => bail!("{other} is no step of a funnel"),
    })
}
