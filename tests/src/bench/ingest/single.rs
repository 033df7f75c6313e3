//! Single facts over HTTP, beside the empty route.

use bytes::Bytes;

use super::{Bench, Comparison, Way, empty_route::EmptyRoute, stage};
use crate::bench::{
    client::{Body, Client},
    cpu::Measured,
    progress,
    watch::{Lap, Watch},
};

/// Requests under way at a time, each on a connection of its own.
pub const CONNECTIONS: usize = 64;
const PATH: &str = "/api/v1/analytics/track";

/// Measures the way and its floor.
///
/// # Errors
/// When a fact is not stored.
pub async fn measure(bench: &Bench) -> anyhow::Result<Comparison> {
    let (empty_route, base) = EmptyRoute::start().await?;
    let floor = send(bench, &base, empty_route.id()?, "floor: empty route").await?;
    drop(empty_route);

    let database = stage::database(bench).await?;
    let mut ingest = stage::ingest(&database).await;
    let taken = send(bench, &ingest.url(""), ingest.id(), "single facts").await?;
    let taken = taken
        .with_peak(ingest.peak_memory_kib())
        .with_writing(stage::writing(&ingest).await?);
    ingest.terminate().await;
    stage::ensure_stored(&database, bench.everything.len()).await?;
    Ok(Comparison {
        way: Way::Single,
        taken,
        floor,
    })
}

async fn send(bench: &Bench, base: &str, id: u32, what: &'static str) -> anyhow::Result<Lap> {
    let facts = bench.everything.iter();
    let bodies = facts.map(|fact| Body {
        json: Bytes::from(fact.request()),
        facts: 1,
    });
    let bodies = bodies.collect();
    let mut client = Client::connect(base, CONNECTIONS, &bench.token).await?;
    let bar = progress::bar(what, bench.everything.len());
    let watch = Watch::start(Measured::Running(id));
    client.post_all(PATH, bodies, &bar).await?;
    let lap = watch.stop(bench.everything.len());
    bar.finish_and_clear();
    progress::ended(what, "facts", &lap);
    Ok(lap)
}
