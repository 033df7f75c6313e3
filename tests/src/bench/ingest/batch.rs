//! Batches over HTTP, beside `COPY` of the same rows.

use bytes::Bytes;

use super::{Bench, Comparison, Way, copy, stage};
use crate::bench::{
    client::{Body, Client},
    cpu::Measured,
    mix::Fact,
    progress,
    watch::Watch,
};

/// Facts of one request.
pub const SIZE: usize = 500;
/// Requests under way at a time, each on a connection of its own.
pub const CONNECTIONS: usize = 8;
const PATH: &str = "/api/v1/analytics/track/batch";
const WHAT: &str = "batches";

/// Measures the way and its floor.
///
/// # Errors
/// When a fact is not stored.
pub async fn measure(bench: &Bench) -> anyhow::Result<Comparison> {
    let database = stage::database(bench).await?;
    let mut ingest = stage::ingest(&database).await;
    let facts = &bench.everything;
    let bodies = facts.chunks(SIZE).map(body).collect();
    let mut client = Client::connect(&ingest.url(""), CONNECTIONS, &bench.token).await?;
    let bar = progress::bar(WHAT, facts.len());
    let watch = Watch::start(Measured::Running(ingest.id()));
    client.post_all(PATH, bodies, &bar).await?;
    let taken = watch
        .stop(facts.len())
        .with_peak(ingest.peak_memory_kib())
        .with_writing(stage::writing(&ingest).await?);
    bar.finish_and_clear();
    progress::ended(WHAT, "facts", &taken);
    ingest.terminate().await;
    stage::ensure_stored(&database, facts.len()).await?;
    Ok(Comparison {
        way: Way::Batch,
        taken,
        floor: copy::again(bench, facts, &database).await?,
    })
}

fn body(facts: &[Fact]) -> Body {
    let requests: Vec<String> = facts.iter().map(Fact::request).collect();
    Body {
        json: Bytes::from(format!("[{}]", requests.join(","))),
        facts: facts.len(),
    }
}
