//! A time zone change of the large event, while facts of it and of another event arrive in the same requests:
//! their commit latency before and during the rebuild.

use std::{
    cell::Cell,
    future::Future,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use sea_orm::sqlx;

use super::{fill, latency::Latency, site::Site, views::Views};
use crate::{bench::mix::Scene, service::Service};

/// The number of connections that post facts.
const CONNECTIONS: u64 = 8;
/// The time before the change.
const BEFORE: Duration = Duration::from_secs(5);
/// Time between two checks whether the event is rebuilt.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The other time zone.
const OTHER_ZONE: &str = "Pacific/Auckland";

/// Commit latencies before and during a time zone change.
pub struct ZoneChange {
    /// Before the change.
    pub before: Latency,
    /// From the change until the event is rebuilt.
    pub during: Latency,
    /// Duration of the longer of two rebuilds: to another zone and back.
    pub rebuild: Duration,
}

/// Measures a change to another zone and the change back.
///
/// # Errors
/// When a fact is not accepted, or the database does not respond.
pub async fn measure(site: &Site, scene: &Scene) -> anyhow::Result<ZoneChange> {
    let mut ingest = site.ingest().await;
    let before = post_during(site, scene, &ingest, async {
        tokio::time::sleep(BEFORE).await;
        Ok(())
    });
    let (before, ()) = before.await?;
    let (mut during, mut rebuild) = (Vec::new(), Duration::ZERO);
    for zone in [OTHER_ZONE, site.event.zone] {
        let changed = change_zone(site, zone);
        let (times, took) = post_during(site, scene, &ingest, changed).await?;
        during.extend(times);
        rebuild = rebuild.max(took);
    }
    ingest.terminate().await;
    // A database that is kept is as compact as it was filled.
    fill::seal(&site.database, &site.programs).await?;
    let change = ZoneChange {
        before: Latency::of(before),
        during: Latency::of(during),
        rebuild,
    };
    let (before, during) = (&change.before, &change.during);
    eprintln!("  zone change: before {before}; during {during}, rebuilt in {rebuild:.1?}");
    Ok(change)
}

/// Changes the zone, as a message `event.published` does, and waits for the rebuild.
async fn change_zone(site: &Site, zone: &str) -> anyhow::Result<Duration> {
    let pool = site.database.connection.get_postgres_connection_pool();
    let began = Instant::now();
    let change = "UPDATE analytics_service.tracked_events
                  SET timezone = $2, rollup_timezone = NULL WHERE event_id = $1";
    let change = sqlx::query(change).bind(site.event.id).bind(zone);
    change.execute(pool).await?;
    let is_rebuilt = "SELECT rollup_timezone IS NOT NULL
                      FROM analytics_service.tracked_events WHERE event_id = $1";
    loop {
        let rebuilt = sqlx::query_scalar(is_rebuilt).bind(site.event.id);
        if rebuilt.fetch_one(pool).await? {
            return Ok(began.elapsed());
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Posts facts on all connections until `work` is done; returns the times from each request to its
/// acknowledgement.
async fn post_during<T>(
    site: &Site,
    scene: &Scene,
    ingest: &Service,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(Vec<Duration>, T)> {
    let is_done = Cell::new(false);
    let posting = (0..CONNECTIONS).map(|seed| post(site, scene, ingest, seed, &is_done));
    let work = async {
        let done = work.await;
        is_done.set(true);
        done
    };
    let (times, done) = tokio::try_join!(try_join_all(posting), work)?;
    Ok((times.into_iter().flatten().collect(), done))
}

async fn post(
    site: &Site,
    scene: &Scene,
    ingest: &Service,
    seed: u64,
    is_done: &Cell<bool>,
) -> anyhow::Result<Vec<Duration>> {
    let mut views = Views::connect(scene, ingest, seed).await?;
    let events = [&site.event, &scene.events[1]];
    let mut times = Vec::new();
    while !is_done.get() {
        let began = Instant::now();
        views.post_batch(&events).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}
