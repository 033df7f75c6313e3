//! `analytics-query`: serves the read tier, mints development tokens, prints the API document.

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
            print(&config.mint(clock::now())?);
            Ok(())
        }
        Command::Openapi => {
            print(&api::document());
            Ok(())
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is what the command is asked for")]
fn print(text: &str) {
    println!("{}", text.trim_end());
}
