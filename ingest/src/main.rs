//! `analytics-ingest`: parses the command line and runs the command.

use std::process::ExitCode;

use analytics_ingest::cli::Cli;
use analytics_shared::config::parse_or_serve;
use tokio::runtime::Runtime;

fn main() -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let ended = runtime.block_on(parse_or_serve::<Cli>().run());
    // Does not wait for an interrupted import that is blocked on standard input.
    runtime.shutdown_background();
    ended
}
