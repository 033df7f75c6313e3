//! Figures that must be recomputed: posts a fact, and reads the figure after the acknowledgement. The first
//! response must contain the fact.

use std::time::Duration;

use anyhow::{Context, ensure};

use super::{
    exporting::Exporting,
    figure::Figure,
    latency::Latency,
    measurement::{Measurement, Situation},
    site::Site,
    views::Views,
};
use crate::bench::{
    client::Client, cpu::Measured, metrics::Metrics, mix::Scene, progress, watch::Watch,
};

/// Measures a figure, from the request to the end of the response.
///
/// # Errors
/// When a response does not contain the fact.
pub async fn measure(
    site: &Site,
    scene: &Scene,
    figure: Figure,
    situation: Situation,
) -> anyhow::Result<Measurement> {
    let (mut ingest, mut query) = (site.ingest().await, site.query().await);
    let mut views = Views::connect(scene, &ingest, 0).await?;
    let mut client = Client::connect(&query.url(""), 1, &site.reader).await?;
    let path = figure.path(&site.event);
    // The first response is measured by itself.
    let first = client.ask(&path, Duration::ZERO).await?;
    let mut expected = figure.views(first.bodies.first().context("a response")?)?;
    let before = Metrics::of(&query).await?.computed_responses();
    let exporting =
        (situation == Situation::RecomputedDuringExport).then(|| Exporting::start(site, &query));

    let what = site.programs.label(&format!("{figure}, {situation}"));
    let bar = progress::bar(what.clone(), site.rounds);
    let mut times = Vec::with_capacity(site.rounds);
    let watch = Watch::start(Measured::Running(query.id()));
    for _ in 0..site.rounds {
        views.post(&site.event).await?;
        expected += 1;
        let response = client.ask(&path, Duration::ZERO).await?;
        let found = figure.views(response.bodies.first().context("a response")?)?;
        ensure!(
            found == expected,
            "{what}: the response after an acknowledged fact has {found} views, not {expected}"
        );
        times.extend(response.times);
        bar.inc(1);
    }
    let lap = watch.stop(times.len());
    bar.finish_and_clear();
    if let Some(exporting) = exporting {
        exporting.stop().await?;
    }
    let latency = Latency::of(times);
    eprintln!("  {what}: {latency}");
    let measurement = Measurement {
        figure,
        situation,
        latency,
        lap: Some(lap),
        computed: Some(Metrics::of(&query).await?.computed_responses() - before),
        peak_kib: query.peak_memory_kib(),
    };
    query.terminate().await;
    ingest.terminate().await;
    Ok(measurement)
}
