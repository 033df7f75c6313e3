//! `analytics-query`: serves the read tier, signs development tokens, prints the OpenAPI document.

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use analytics_query::{
    api,
    cli::{Cli, Command},
    run,
};
use analytics_shared::{clock, config::parse_or_serve, service_info, telemetry};
use tikv_jemallocator::Jemalloc;

/// A read of an event allocates its rows anew, for which the allocator of glibc asks the kernel page by page.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    match parse_or_serve::<Cli>().command {
        Command::Serve(config) => {
            let traces = telemetry::start(&config.log, &config.traces, service_info!())?;
            run(*config).await?;
            traces.finish().await;
        }
        Command::Health(command) => return Ok(command.run().await?),
        Command::Token(args) => writeln!(stdout(), "{}", args.sign(clock::now())?)?,
        Command::Openapi => writeln!(stdout(), "{}", api::document().trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}
