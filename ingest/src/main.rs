//! `analytics-ingest`: parses the command line and runs the command.

use std::process::ExitCode;

use analytics_ingest::cli::Cli;
use analytics_shared::config::parse_or_serve;
use tikv_jemallocator::Jemalloc;
use tokio::runtime::Runtime;

/// Many small allocations on several threads are a fifth of the CPU time of a fact with the allocator of glibc.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let ended = runtime.block_on(parse_or_serve::<Cli>().run());
    // Does not wait for an interrupted import that is blocked on standard input.
    runtime.shutdown_background();
    ended
}
