//! The bench: how fast the real service takes facts on real servers, by every way in, beside floors
//! that are measured in the same run on the same machine.
//!
//! ```text
//! mix ──▶ single  over HTTP ─────┐            ┌ the same requests to an empty route
//!     ├─▶ batch   over HTTP ─────┤  beside  ──┤
//!     ├─▶ amqp    from RabbitMQ ─┤            └ COPY of the same rows
//!     └─▶ import  from a file ───┘
//!            each on a database and with a service of its own ──▶ report
//! ```

mod amqp;
mod batch;
mod client;
mod copy;
mod cpu;
mod empty_route;
mod import;
mod mix;
mod options;
mod progress;
mod report;
mod single;
mod stage;
mod watch;

use std::future::Future;

use analytics_shared::{
    auth::{Caller, Role},
    clock, lifecycle,
};
use anyhow::{Context, bail};
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

pub use empty_route::serve as serve_empty_route;
use mix::{Fact, Mix};
pub use options::{Command, IngestOptions, Options, Way};
use watch::Lap;

use crate::{api, stack::Stack};

/// What all ways are measured with.
pub struct Bench {
    stack: Stack,
    mix: Mix,
    /// For HTTP and the import.
    everything: Vec<Fact>,
    /// For RabbitMQ.
    platform: Vec<Fact>,
    /// Speaks for a service of the platform.
    token: String,
    stop: CancellationToken,
}

/// A way in and its floor.
struct Comparison {
    way: Way,
    taken: Lap,
    floor: Lap,
}

/// Measures what `options` ask for, and prints it.
///
/// # Errors
/// When anything is missing, or a fact is not stored.
pub async fn ingest(options: IngestOptions) -> anyhow::Result<()> {
    let mix = Mix::of(options.seed, clock::now());
    let bench = Bench {
        everything: mix.of_everything(options.facts),
        platform: mix.of_the_platform(options.facts),
        mix,
        stack: Stack {
            database_url: options.database_url,
            amqp_url: options.amqp_url,
        },
        token: api::token(Caller {
            tenant_id: None,
            user_id: None,
            roles: vec![Role::Service.name().to_owned()],
        }),
        stop: lifecycle::shutdown_on_signal().context("cannot listen to signals")?,
    };
    report::mix(&bench, &options.only);
    let mut comparisons = Vec::new();
    for way in options.only {
        comparisons.push(bench.compare(way).await?);
    }
    report::measured(&comparisons);
    Ok(())
}

impl Bench {
    async fn compare(&self, way: Way) -> anyhow::Result<Comparison> {
        let measuring = match way {
            Way::Single => single::measure(self).boxed_local(),
            Way::Batch => batch::measure(self).boxed_local(),
            // It has to clean up when it is stopped.
            Way::Amqp => return Box::pin(amqp::measure(self)).await,
            Way::Import => import::measure(self).boxed_local(),
        };
        self.unless_stopped(measuring).await
    }

    /// The result of `work`, which is dropped when we are asked to stop.
    async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        tokio::select! {
            done = work => done,
            () = self.stop.cancelled() => bail!("it was stopped"),
        }
    }
}

impl Comparison {
    /// The speed of the way, where that of its floor is 1.
    fn ratio(&self) -> f64 {
        self.taken.per_second() / self.floor.per_second()
    }
}
