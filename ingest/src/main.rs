//! `analytics-ingest`: parses the configuration and runs.

use analytics_ingest::config::{Cli, Command};
use analytics_shared::config::parse_or_serve;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match parse_or_serve::<Cli>().command {
        Command::Serve(config) => analytics_ingest::run(*config).await,
        Command::DeadLetters(config) => analytics_ingest::dead_letters::run(*config).await,
        Command::Openapi => {
            print_document();
            Ok(())
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is what the command is asked for")]
fn print_document() {
    print!("{}", analytics_ingest::http::api().spec_yaml());
}
