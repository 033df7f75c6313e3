//! `analytics-bench`: measures the real services on real servers.

use std::{future::Future, process::ExitCode};

use analytics_tests::{
    bench::{self, Command, Options},
    load::load,
};
use clap::Parser;
use tokio::runtime::Builder;

fn main() -> ExitCode {
    let ended = match Options::parse().command {
        // One thread, because the client shares the machine with the measured service.
        Command::Ingest(options) => on_one_thread(bench::ingest(options)),
        Command::Query(options) => on_one_thread(bench::query(options)),
        Command::InventedValues => on_one_thread(bench::invented_values()),
        Command::Load(options) => on_one_thread(async {
            anyhow::ensure!(load(options).await?, "a response was late or failed");
            Ok(())
        }),
        // As many as the service has.
        Command::EmptyRoute => Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(Into::into)
            .and_then(|runtime| runtime.block_on(bench::serve_empty_route())),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe bench ended: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn on_one_thread(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work)
}
