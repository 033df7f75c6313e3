//! How fast facts are taken, by every way in.
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
mod copy;
mod empty_route;
mod import;
mod options;
mod report;
mod single;
mod stage;

use analytics_shared::{
    auth::{Caller, Role},
    clock, lifecycle,
};
use anyhow::Context;
use chrono::TimeDelta;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

pub use empty_route::serve as serve_empty_route;
pub use options::{IngestOptions, Way};

use super::{
    mix::{Fact, Mix, Shape},
    unless_stopped,
    watch::Lap,
};
use crate::{api, stack::Stack};

/// A platform of some size, over a few days.
const SHAPE: Shape = Shape {
    organizations: 100,
    visitors: 200_000,
    first: None,
    span: TimeDelta::days(3),
};

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
    let mix = Mix::of(options.common.seed, &SHAPE, clock::now());
    let bench = Bench {
        everything: mix.of_everything(options.facts),
        platform: mix.of_the_platform(options.facts),
        mix,
        stack: Stack {
            database_url: options.common.database_url,
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
        unless_stopped(&self.stop, measuring).await
    }
}

impl Comparison {
    /// The speed of the way, where that of its floor is 1.
    fn ratio(&self) -> f64 {
        self.taken.per_second() / self.floor.per_second()
    }
}
