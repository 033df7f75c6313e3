//! Messages of the platform, beside `COPY` of the same rows.
//!
//! What is measured is consumption: the messages wait in the queue, as after a night without the
//! service, and time runs from when the service is ready until the last of them is committed.
//! What it has stored before we see that it is ready does not count.

use std::time::{Duration, Instant};

use anyhow::ensure;
use futures_util::{StreamExt, stream};

use super::{Bench, Comparison, Way, copy, stage};
use crate::{
    bench::{
        cpu::Measured,
        progress,
        stage::metrics,
        unless_stopped,
        watch::{Lap, Watch},
    },
    broker::Broker,
    database::TestDatabase,
    service::Service,
};

/// Messages that the broker has not confirmed yet, while they are published.
const UNCONFIRMED: usize = 512;
/// Time between two looks at how many are stored.
const RHYTHM: Duration = Duration::from_millis(50);
/// How long the service may store nothing before we give up.
const PATIENCE: Duration = Duration::from_secs(30);
const WHAT: &str = "messages from RabbitMQ";

/// Measures the way and its floor.
///
/// # Errors
/// When a fact is not stored.
pub async fn measure(bench: &Bench) -> anyhow::Result<Comparison> {
    let database = stage::database(bench).await?;
    let broker = Broker::connect(&bench.stack.amqp_url).await;
    let taken = unless_stopped(&bench.stop, consume(bench, &database, &broker)).await;
    // A queue full of messages is nothing to leave behind, whatever happened.
    broker.clean_up().await;
    let taken = taken?;
    let floor = copy::again(bench, &bench.platform, &database);
    Ok(Comparison {
        way: Way::Amqp,
        taken,
        floor: unless_stopped(&bench.stop, floor).await?,
    })
}

async fn consume(bench: &Bench, database: &TestDatabase, broker: &Broker) -> anyhow::Result<Lap> {
    // The service declares its queue.
    ingest(database, broker).await.terminate().await;
    publish(bench, broker).await;

    let facts = bench.platform.len();
    let bar = progress::bar(WHAT, facts);
    let mut ingest = ingest(database, broker).await;
    let (before, written_before) = (stored(&ingest).await?, stage::writing(&ingest).await?);
    let watch = Watch::start(Measured::Running(ingest.id()));
    until_stored(&ingest, facts, &bar).await?;
    let taken = watch
        .stop(facts - before)
        .with_peak(ingest.peak_memory_kib())
        .with_writing(stage::writing(&ingest).await? - written_before);
    bar.finish_and_clear();
    progress::ended(WHAT, "facts", &taken);
    ingest.terminate().await;
    stage::ensure_stored(database, facts).await?;
    Ok(taken)
}

/// The write tier on the names of `broker`, otherwise as it is without any settings.
async fn ingest(database: &TestDatabase, broker: &Broker) -> Service {
    let environment = [
        ("DATABASE_URL", database.url.as_str()),
        ("AMQP_URL", &broker.url),
        ("AMQP_EXCHANGE", &broker.exchange),
        ("AMQP_QUEUE", &broker.queue),
    ];
    Service::start("analytics-ingest", &environment).await
}

async fn publish(bench: &Bench, broker: &Broker) {
    let bar = progress::bar("publishing, which is not measured", bench.platform.len());
    let messages = stream::iter(&bench.platform).filter_map(|fact| async { fact.message() });
    let published = messages.map(|(key, body)| {
        let bar = &bar;
        async move {
            broker.publish_bytes(key, body.as_bytes()).await;
            bar.inc(1);
        }
    });
    published
        .buffer_unordered(UNCONFIRMED)
        .collect::<()>()
        .await;
    bar.finish_and_clear();
}

async fn until_stored(
    ingest: &Service,
    facts: usize,
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<()> {
    let (mut known, mut changed) = (0, Instant::now());
    while known < facts {
        tokio::time::sleep(RHYTHM).await;
        let now = stored(ingest).await?;
        if now > known {
            (known, changed) = (now, Instant::now());
            bar.set_position(now as u64);
        }
        ensure!(
            changed.elapsed() < PATIENCE,
            "{known} of {facts} messages are stored, and no more will be; the log:\n{}",
            ingest.logged()
        );
    }
    Ok(())
}

/// Facts that the service has stored since it began, as it says itself: counting rows again and
/// again would slow it down.
async fn stored(ingest: &Service) -> anyhow::Result<usize> {
    let metrics = metrics(ingest).await?;
    let counts = metrics.iter().filter_map(|(series, count)| {
        let is_ours = series.starts_with("analytics_ingest_facts_total{")
            && series.contains("outcome=\"stored\"");
        is_ours.then(|| count.parse::<usize>().ok())?
    });
    Ok(counts.sum())
}
