//! Single facts over HTTP, and the empty route.

use std::time::Duration;

use super::{
    Bench,
    comparison::Run,
    floors::{Floor, FloorKind, empty_route::EmptyRoute},
    http::Requests,
};
use crate::bench::{client::Client, cpu::Measured, programs::Programs, progress, watch::Watch};

const PATH: &str = "/api/v1/analytics/track";
/// The maximum duration of the measurement of the empty route, whose throughput is stable.
const FLOOR_DURATION: Duration = Duration::from_secs(10);

/// Measures a service of `programs`.
///
/// # Errors
/// When a fact is not stored.
pub async fn run(bench: &Bench, programs: &Programs, connections: usize) -> anyhow::Result<Run> {
    requests(connections).run(bench, programs).await
}

/// Measures the same requests to the empty route.
///
/// # Errors
/// When a request fails.
pub async fn floor(bench: &Bench, connections: usize) -> anyhow::Result<Floor> {
    let kind = FloorKind::EmptyRoute;
    let what = format!("{}, {connections} connections", kind.name());
    let workload = bench.workload.at_most(FLOOR_DURATION);
    let (empty_route, base) = EmptyRoute::start().await?;
    let mut client = Client::connect(&base, connections, &bench.token).await?;
    let bar = workload.bar(what.clone());
    let bodies = requests(connections).bodies(workload.all_kinds(&bench.mix));
    let watch = Watch::start(Measured::Running(empty_route.id()?));
    let sent = client.post_all(PATH, bodies, &bar).await?;
    let lap = watch.stop(sent);
    bar.finish_and_clear();
    progress::ended(&what, "facts", &lap);
    Ok(Floor { kind, lap })
}

fn requests(connections: usize) -> Requests {
    Requests {
        what: format!("single facts, {connections} connections"),
        path: PATH,
        connections,
        facts: 1,
    }
}
