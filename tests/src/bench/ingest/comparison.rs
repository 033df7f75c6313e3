//! The comparison of a transport with its floors and with the baseline.

use futures_util::{FutureExt, future::LocalBoxFuture};

use super::{
    Bench, Way, amqp, batch,
    floors::{self, Floor, FloorKind},
    import, single,
};
use crate::{
    bench::{programs::Programs, unless_stopped, watch::Lap},
    database::TestDatabase,
};

/// A finished run of a transport, and the database that it has filled.
pub struct Run {
    /// Its measurement.
    pub lap: Lap,
    /// The database.
    pub database: TestDatabase,
}

/// The measurements of a transport, its floors and its baseline.
pub struct Comparison {
    /// The transport.
    pub way: Way,
    /// Connections of single facts; `None` for other transports.
    pub connections: Option<usize>,
    /// By the current binaries.
    pub current: Lap,
    /// By the baseline.
    pub baseline: Option<Lap>,
    /// The fastest first.
    pub floors: Vec<Floor>,
}

/// Measures a transport with the baseline and the current binaries, and its floors.
///
/// # Errors
/// When a fact is not stored.
pub async fn measure(bench: &Bench, way: Way) -> anyhow::Result<Vec<Comparison>> {
    let mut comparisons = Vec::new();
    if way == Way::Single {
        for &connections in &bench.connections {
            let floor = unless_stopped(&bench.stop, single::floor(bench, connections)).await?;
            let (current, baseline) = runs(bench, way, connections).await?;
            comparisons.push(Comparison {
                way,
                connections: Some(connections),
                current: current.lap,
                baseline,
                floors: vec![floor],
            });
        }
        return Ok(comparisons);
    }
    let (current, baseline) = runs(bench, way, 0).await?;
    let floors = Box::pin(floors::of_rows(bench, &current.database));
    comparisons.push(Comparison {
        way,
        connections: None,
        baseline,
        floors: unless_stopped(&bench.stop, floors).await?,
        current: current.lap,
    });
    Ok(comparisons)
}

/// The run of the current binaries, after that of the baseline.
async fn runs(bench: &Bench, way: Way, connections: usize) -> anyhow::Result<(Run, Option<Lap>)> {
    let mut baseline = None;
    for programs in bench.programs.iter().filter(|one| one.is_baseline()) {
        baseline = Some(run(bench, way, connections, programs).await?.lap);
    }
    let current = run(bench, way, connections, bench.current()).await?;
    Ok((current, baseline))
}

async fn run(
    bench: &Bench,
    way: Way,
    connections: usize,
    programs: &Programs,
) -> anyhow::Result<Run> {
    let running: LocalBoxFuture<'_, anyhow::Result<Run>> = match way {
        Way::Single => single::run(bench, programs, connections).boxed_local(),
        Way::Batch => batch::run(bench, programs).boxed_local(),
        // Dropped on interruption, to clean up.
        Way::Amqp => return Box::pin(amqp::run(bench, programs)).await,
        Way::Import => import::run(bench, programs).boxed_local(),
    };
    unless_stopped(&bench.stop, running).await
}

impl Comparison {
    /// The throughput relative to that of the floor; `None` without such a floor.
    #[must_use]
    pub fn ratio(&self, kind: FloorKind) -> Option<f64> {
        let floor = self.floors.iter().find(|floor| floor.kind == kind)?;
        Some(self.current.per_second() / floor.lap.per_second())
    }

    /// The throughput relative to that of the baseline.
    #[must_use]
    pub fn of_baseline(&self) -> Option<f64> {
        let baseline = self.baseline.as_ref()?;
        Some(self.current.per_second() / baseline.per_second())
    }
}
