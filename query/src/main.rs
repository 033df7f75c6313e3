//! `analytics-query`: serves the read tier, signs development tokens, prints the OpenAPI document.

use std::io::{Write, stdout};

use analytics_query::{
    api,
    cli::{Cli, Command},
    run,
};
use analytics_shared::{clock, config::parse_or_serve, service_info, telemetry};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match parse_or_serve::<Cli>().command {
        Command::Serve(config) => {
            let traces = telemetry::start(&config.log, &config.traces, service_info!())?;
            run(*config).await?;
            traces.finish().await;
            Ok(())
        }
        Command::Token(args) => {
            let token = args.sign(clock::now())?;
            Ok(writeln!(stdout(), "{token}")?)
        }
        Command::Openapi => Ok(writeln!(stdout(), "{}", api::document().trim_end())?),
    }
}
