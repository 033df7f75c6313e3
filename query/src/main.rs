//! `analytics-query`: serves the read tier, signs development tokens, prints the OpenAPI document.

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
        Command::Token(args) => {
            let token = args.sign(clock::now())?;
            Ok(writeln!(stdout(), "{token}")?)
        }
        Command::Openapi => Ok(writeln!(stdout(), "{}", api::document().trim_end())?),
    }
}
