//! Consumption of platform messages.
//!
//! The messages wait in the queue when the service starts. The measurement lasts from its readiness to the commit
//! of the last message; facts stored before do not count. A run that is longer than one queue repeats this.
//! Publishing is not measured, but the CPU of PostgreSQL during it is.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, stream};
use lapin::{Connection, ConnectionProperties};

use super::{Bench, comparison::Run, stage, workload::Workload};
use crate::{
    bench::{
        backlog,
        cpu::Measured,
        metrics::Metrics,
        mix::Fact,
        programs::Programs,
        progress, unless_stopped,
        watch::{Lap, Watch},
    },
    broker::Broker,
    database::TestDatabase,
    service::Service,
};

/// Messages published before each start of the service, per second of the run: a run consumes several
/// queues, each of which lasts some seconds.
const QUEUE_PER_SECOND: u64 = 3_300;
/// Messages published before each start of the service at most.
const MAX_QUEUE: usize = 200_000;
/// The maximum number of unconfirmed messages.
const UNCONFIRMED: usize = 512;
/// Time between two readings of the number of stored facts.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// The time-out without progress.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
const WHAT: &str = "messages from RabbitMQ";

/// Checks the connection to the broker before any measurement.
///
/// # Errors
/// When it does not.
pub async fn ensure_reachable(url: &str) -> anyhow::Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .context(
            "`amqp` needs RabbitMQ, which does not answer: start it with `dev/stack up`, or choose other \
             ways with --only single,batch,import",
        )?;
    Ok(connection.close(200, "it answers".into()).await?)
}

/// Measures a service of `programs`.
///
/// # Errors
/// When a fact is not stored.
pub async fn run(bench: &Bench, programs: &Programs) -> anyhow::Result<Run> {
    let url = bench.amqp_url.as_deref().context("the URL of RabbitMQ")?;
    let database = stage::database(bench, programs).await?;
    let broker = Broker::connect(url).await;
    let running = Consumption {
        programs,
        database: &database,
        broker: &broker,
    };
    let lap = unless_stopped(&bench.stop, running.all(bench)).await?;
    progress::ended(&programs.label(WHAT), "facts", &lap);
    Ok(Run { lap, database })
}

/// A service of `programs` between a queue and a database.
struct Consumption<'a> {
    programs: &'a Programs,
    database: &'a TestDatabase,
    broker: &'a Broker,
}

impl Consumption<'_> {
    /// Publishes and consumes until the workload is done.
    async fn all(&self, bench: &Bench) -> anyhow::Result<Lap> {
        // The service declares its queue.
        self.ingest().await.terminate().await;
        let (queue, duration) = match bench.workload {
            Workload::Facts(facts) => (facts, Duration::ZERO),
            Workload::Duration(duration) => (queue_size(duration), duration),
        };
        let mut facts = bench.workload.platform_kinds(&bench.mix);
        let whole = Watch::start(Measured::Nobody);
        let (mut sent, mut written) = (0, 0.0);
        let mut joined: Option<Lap> = None;
        while joined.as_ref().is_none_or(|lap| lap.took < duration) {
            self.publish(facts.by_ref().take(queue).collect()).await;
            sent += queue;
            let took = joined.as_ref().map_or(Duration::ZERO, |lap| lap.took);
            let (lap, seconds) = self.consume(queue, duration.saturating_sub(took)).await?;
            written += seconds;
            joined = Some(joined.map_or(lap.clone(), |joined| joined.joined(&lap)));
        }
        let mut lap = joined.context("a run without messages")?;
        lap.cpu.postgres = whole.stop(sent).cpu.postgres;
        stage::ensure_stored(self.database, sent).await?;
        Ok(lap.with_writing(written))
    }

    /// Measures a service that starts with a full queue. Also returns the seconds that its writers waited for
    /// the database. If the run ends within `left`, waits for the compaction backlog.
    async fn consume(&self, queue: usize, left: Duration) -> anyhow::Result<(Lap, f64)> {
        let bar = progress::bar(self.programs.label(WHAT), queue);
        let mut ingest = self.ingest().await;
        let before = Metrics::of(&ingest).await?;
        let watch = Watch::start(Measured::Running(ingest.id()));
        let began = Instant::now();
        until_stored(&ingest, queue, &bar).await?;
        let waited = if began.elapsed() + POLL_INTERVAL >= left {
            backlog::wait(self.database).await?
        } else {
            None
        };
        let lap = watch
            .stop(queue - before.stored_facts())
            .with_compaction_wait(waited)
            .with_peak(ingest.peak_memory_kib());
        bar.finish_and_clear();
        let seconds = Metrics::of(&ingest).await?.seconds_of_writer();
        ingest.terminate().await;
        Ok((lap, seconds - before.seconds_of_writer()))
    }

    async fn ingest(&self) -> Service {
        let settings = [
            ("AMQP_URL", self.broker.url.as_str()),
            ("AMQP_EXCHANGE", &self.broker.exchange),
            ("AMQP_QUEUE", &self.broker.queue),
        ];
        stage::start("analytics-ingest", self.database, self.programs, &settings).await
    }

    async fn publish(&self, facts: Vec<Fact>) {
        let bar = progress::bar("publishing, which is not measured", facts.len());
        let messages = stream::iter(&facts).filter_map(|fact| async { fact.message() });
        let published = messages.map(|(key, body)| {
            let bar = &bar;
            async move {
                self.broker.publish_bytes(key, body.as_bytes()).await;
                bar.inc(1);
            }
        });
        published
            .buffer_unordered(UNCONFIRMED)
            .collect::<()>()
            .await;
        bar.finish_and_clear();
    }
}

/// Messages published before each start of the service in a run of this duration.
fn queue_size(duration: Duration) -> usize {
    let messages = duration.as_secs().saturating_mul(QUEUE_PER_SECOND);
    usize::try_from(messages).map_or(MAX_QUEUE, |messages| messages.min(MAX_QUEUE))
}

/// Waits until the service has stored this number of facts, by its metrics: counting rows would slow it down.
async fn until_stored(
    ingest: &Service,
    facts: usize,
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<()> {
    let (mut known, mut changed) = (0, Instant::now());
    while known < facts {
        tokio::time::sleep(POLL_INTERVAL).await;
        let now = Metrics::of(ingest).await?.stored_facts();
        if now > known {
            (known, changed) = (now, Instant::now());
            bar.set_position(now as u64);
        }
        ensure!(
            changed.elapsed() < STALL_TIMEOUT,
            "{known} of {facts} messages are stored, and no more will be; the log:\n{}",
            ingest.logged()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_bounded() {
        assert_eq!(queue_size(Duration::from_secs(2)), 6_600);
        assert_eq!(queue_size(Duration::from_hours(1)), MAX_QUEUE);
    }
}
