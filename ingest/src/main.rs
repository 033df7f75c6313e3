//! `analytics-ingest`: parses the configuration and runs.

use std::io::{Write, stdout};

use analytics_ingest::{
    config::{Cli, Command},
    http,
};
use analytics_shared::config::parse_or_serve;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match parse_or_serve::<Cli>().command {
        Command::Serve(config) => analytics_ingest::run(*config).await,
        Command::DeadLetters(config) => analytics_ingest::dead_letters::run(*config).await,
        Command::Openapi => Ok(stdout().write_all(http::api().spec_yaml().as_bytes())?),
    }
}
