//! `analytics-demo`: simulates a ticketing event on the real services.

use std::process::ExitCode;

use analytics_tests::demo::{self, Options};
use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match demo::run(Options::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nThe demo ended: {error:#}");
            ExitCode::FAILURE
        }
    }
}
