//! The bench: the performance of the real services on real servers, relative to floors that are measured in the
//! same run on the same machine.
//!
//! ```text
//! mix ──▶ ingest   facts over every transport; floors: an empty route, COPY and INSERT
//!     └─▶ query    figures and exports of millions of facts; floors: plain SQL and COPY
//! ```

mod backlog;
mod client;
mod commit;
mod copy_in;
mod cpu;
mod ingest;
mod invented_values;
mod metrics;
mod mix;
mod options;
mod programs;
mod progress;
mod query;
mod report;
mod stage;
mod watch;

use std::future::Future;

use anyhow::bail;
use tokio_util::sync::CancellationToken;

pub use crate::form::{number, table, title};
pub use ingest::{ingest, serve_empty_route};
pub use invented_values::invented_values;
pub use options::{Command, Options};
pub use query::{Latency, PageOptions, PageSite, milliseconds, query};

/// The result of `work`, which is dropped when the bench is stopped.
async fn unless_stopped<T>(
    stop: &CancellationToken,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::select! {
        done = work => done,
        () = stop.cancelled() => bail!("it was stopped"),
    }
}
