//! Answers while facts arrive: what readers see on an ordinary day, when somebody looks at the page of
//! the event every second, and no answer stays true for longer.

use std::{convert::Infallible, future::Future, time::Duration};

use analytics_shared::{
    auth::{Caller, Role},
    clock,
};
use bytes::Bytes;
use indicatif::ProgressBar;
use rand::{SeedableRng, rngs::StdRng};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::{
    Measurement, Site, Situation,
    figure::{Counts, Figure, ensure_between},
    latency::Latency,
    plain,
};
use crate::{
    api,
    bench::{
        client::{Answers, Body, Client},
        cpu::Measured,
        mix::{Deed, Fact, Scene, Visit},
        progress, stage,
        watch::Watch,
    },
    service::Service,
};

/// Time between two facts.
const RHYTHM: Duration = Duration::from_secs(1);
/// Time between two steps of the progress bar.
const STEP: Duration = Duration::from_millis(100);

/// Measures every figure with every number of clients; `before` is what SQL said before any fact
/// arrived.
///
/// # Errors
/// When an answer is not 200, or not true, or a fact is not taken.
pub async fn measure(
    site: &Site,
    scene: &Scene,
    before: &[(Figure, Counts)],
) -> anyhow::Result<Vec<Measurement>> {
    let mut ingest = stage::ingest(&site.database).await;
    let mut query = stage::query(&site.database).await;
    let measured = tokio::select! {
        measured = all(site, &query) => measured?,
        never = arrive(site, scene, &ingest) => match never? {},
    };
    query.terminate().await;
    ingest.terminate().await;
    for (figure, before) in before {
        let after = plain::counts(site, *figure).await?;
        let of_figure = measured.iter().filter(|(one, _)| one.figure == *figure);
        for body in of_figure.flat_map(|(_, bodies)| bodies) {
            ensure_between(&figure.told(body)?, before, &after)?;
        }
    }
    Ok(measured.into_iter().map(|(one, _)| one).collect())
}

/// Lets facts arrive as long as it is not dropped.
async fn arrive(site: &Site, scene: &Scene, ingest: &Service) -> anyhow::Result<Infallible> {
    let service = api::token(Caller {
        tenant_id: None,
        user_id: None,
        roles: vec![Role::Service.name().to_owned()],
    });
    let mut client = Client::connect(&ingest.url(""), 1, &service).await?;
    let mut rng = StdRng::seed_from_u64(0);
    let mut clock = tokio::time::interval(RHYTHM);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let now = clock::now();
        let fact = Fact {
            id: Uuid::now_v7(),
            at: now,
            deed: Deed::Viewed(Visit {
                event: site.event.id,
                tenant: site.event.tenant,
                person: scene.somebody_at(&site.event, &mut rng),
                source: "newsletter",
                registration: None,
            }),
        };
        let body = Body {
            json: Bytes::from(fact.request()),
            facts: 1,
        };
        client
            .post_all(
                "/api/v1/analytics/track",
                vec![body],
                &ProgressBar::hidden(),
            )
            .await?;
    }
}

async fn all(site: &Site, query: &Service) -> anyhow::Result<Vec<(Measurement, Vec<Bytes>)>> {
    let mut measured = Vec::new();
    for figure in Figure::ALL {
        for &clients in &site.clients {
            measured.push(one(site, query, figure, clients).await?);
        }
    }
    Ok(measured)
}

async fn one(
    site: &Site,
    query: &Service,
    figure: Figure,
    clients: usize,
) -> anyhow::Result<(Measurement, Vec<Bytes>)> {
    let path = figure.path(&site.event);
    let mut client = Client::connect(&query.url(""), clients, &site.reader).await?;
    // The first answer is measured by itself.
    client.ask(&path, Duration::ZERO).await?;
    let made_before = made(query).await?;
    let situation = Situation::Arriving(clients);
    let what = format!("{figure}, {situation}");
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
        made: Some(made(query).await? - made_before),
    };
    Ok((measurement, bodies))
}

/// Shows how much of the time is over.
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

/// Answers that the service has made so far, as it says itself; the others it remembered.
async fn made(query: &Service) -> anyhow::Result<u64> {
    let metrics = stage::metrics(query).await?;
    let made = metrics
        .iter()
        .filter(|(name, _)| name.starts_with("analytics_query_answers_total{"))
        .find(|(name, _)| name.contains("\"made\""));
    made.map_or(Ok(0), |(_, count)| Ok(count.parse()?))
}
