//! `analytics-query`: serves the read tier, mints development tokens, prints the API document.

use std::io::{Write, stdout};

use analytics_query::{
    api,
    cli::{Cli, Command},
    run,
};
use analytics_shared::{clock, config::parse_or_serve, telemetry};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match parse_or_serve::<Cli>().command {
        Command::Serve(config) => {
            telemetry::start_logging(&config.log);
            run(*config).await
        }
        Command::Token(config) => {
            let token = config.mint(clock::now())?;
            Ok(writeln!(stdout(), "{token}")?)
        }
        Command::Openapi => Ok(writeln!(stdout(), "{}", api::document().trim_end())?),
    }
}
