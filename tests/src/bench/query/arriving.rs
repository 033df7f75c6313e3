//! Figures while facts arrive: a view of the event is posted every second, so that no response
//! stays valid for longer.

use std::{convert::Infallible, future::Future, time::Duration};

use bytes::Bytes;
use tokio::time::MissedTickBehavior;

use super::{
    figure::{Figure, ensure_between},
    latency::Latency,
    measurement::{Measurement, Situation},
    plain::{self, Plain},
    site::Site,
    views::Views,
};
use crate::{
    bench::{
        client::{Answers, Client},
        cpu::Measured,
        metrics::Metrics,
        mix::Scene,
        progress,
        watch::Watch,
    },
    service::Service,
};

/// Time between two facts.
const FACT_INTERVAL: Duration = Duration::from_secs(1);
/// Time between two steps of the progress bar.
const STEP: Duration = Duration::from_millis(100);

/// Measures a figure with each number of clients, each with its own process; `before` is the result of SQL before
/// the first fact.
///
/// # Errors
/// When a response is not 200 or has wrong figures, or a fact is not accepted.
pub async fn measure(
    site: &Site,
    scene: &Scene,
    figure: Figure,
    before: &Plain,
) -> anyhow::Result<Vec<Measurement>> {
    let mut ingest = site.ingest().await;
    let (measured, bodies) = tokio::select! {
        measured = all(site, figure) => measured?,
        never = arrive(site, scene, &ingest) => match never? {},
    };
    ingest.terminate().await;
    let after = plain::counts(site, figure).await?;
    for body in &bodies {
        ensure_between(&figure.told(body)?, &before.counts, &after)?;
    }
    Ok(measured)
}

/// Posts facts until it is dropped.
async fn arrive(site: &Site, scene: &Scene, ingest: &Service) -> anyhow::Result<Infallible> {
    let mut views = Views::connect(scene, ingest, 0).await?;
    let mut clock = tokio::time::interval(FACT_INTERVAL);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        views.post(&site.event).await?;
    }
}

async fn all(site: &Site, figure: Figure) -> anyhow::Result<(Vec<Measurement>, Vec<Bytes>)> {
    let (mut measured, mut bodies) = (Vec::new(), Vec::new());
    for &clients in &site.clients {
        let (one, new) = one(site, figure, clients).await?;
        measured.push(one);
        bodies.extend(new);
    }
    Ok((measured, bodies))
}

async fn one(
    site: &Site,
    figure: Figure,
    clients: usize,
) -> anyhow::Result<(Measurement, Vec<Bytes>)> {
    let mut query = site.query().await;
    let path = figure.path(&site.event);
    let mut client = Client::connect(&query.url(""), clients, &site.reader).await?;
    // The first response is measured by itself.
    client.ask(&path, Duration::ZERO).await?;
    let before = Metrics::of(&query).await?.computed_responses();
    let situation = Situation::Arriving(clients);
    let what = site.programs.label(&format!("{figure}, {situation}"));
    let watch = Watch::start(Measured::Running(query.id()));
    let Answers { times, bodies } =
        with_bar(&what, site.span, client.ask(&path, site.span)).await?;
    let lap = watch.stop(times.len());
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
    Ok((measurement, bodies))
}

/// Shows the elapsed part of the duration.
async fn with_bar<T>(what: &str, span: Duration, work: impl Future<Output = T>) -> T {
    let steps = span.as_millis() / STEP.as_millis();
    let bar = progress::bar(what.to_owned(), usize::try_from(steps).unwrap_or_default());
    let ticking = async {
        let mut clock = tokio::time::interval(STEP);
        loop {
            clock.tick().await;
            bar.inc(1);
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = ticking => unreachable!("a clock ticks for ever"),
    };
    bar.finish_and_clear();
    done
}
