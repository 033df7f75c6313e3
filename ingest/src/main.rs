//! `analytics-ingest`: parses the configuration and runs.

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use analytics_ingest::{
    config::{Cli, Command},
    http,
};
use analytics_shared::config::parse_or_serve;
use tokio::runtime::Runtime;

fn main() -> anyhow::Result<ExitCode> {
    let runtime = Runtime::new()?;
    let ended = runtime.block_on(run(parse_or_serve::<Cli>().command));
    // An import that is stopped may be reading standard input, which perhaps never says anything.
    runtime.shutdown_background();
    ended
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(config) => analytics_ingest::run(*config).await?,
        Command::Import(config) => return analytics_ingest::import::run(*config).await,
        Command::DeadLetters(config) => analytics_ingest::dead_letters::run(*config).await?,
        Command::Openapi => stdout().write_all(http::api().spec_yaml().as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
