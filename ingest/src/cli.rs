//! The command line.

use std::{
    io::{Write, stdout},
    process::ExitCode,
};

use analytics_shared::{http::openapi_document, lifecycle::health_command::HealthCommand};
use clap::{Parser, Subcommand};

use crate::{
    amqp::dead_letters::{self, DeadLettersConfig},
    config::ServeConfig,
    http,
    import::{
        self,
        options::{HELP, ImportConfig},
    },
    service,
};

/// Accepts facts about ticketing events over HTTP and from RabbitMQ, and stores each once.
///
/// The default command is `serve`. Every setting is a flag and an environment variable: see
/// `analytics-ingest serve --help`.
#[derive(Parser, Debug)]
#[command(version, name = "analytics-ingest")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Accept facts until SIGTERM (the default).
    Serve(Box<ServeConfig>),
    /// Ask a running service on this host whether it is ready; exits with 1 if not.
    Health(HealthCommand),
    /// Store the facts of files (NDJSON, CSV, compressed or not), each once.
    #[command(long_about = HELP)]
    Import(Box<ImportConfig>),
    /// List, show, replay or delete dead letters.
    DeadLetters(Box<DeadLettersConfig>),
    /// Print the OpenAPI document; requires no configuration.
    Openapi,
}

impl Cli {
    /// Runs the command and returns its exit code.
    ///
    /// # Errors
    /// If the service cannot start, or the command fails.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(config) => service::run(*config).await?,
            Command::Health(command) => return Ok(command.run().await?),
            Command::Import(config) => return import::run(*config).await,
            Command::DeadLetters(config) => dead_letters::run(*config).await?,
            Command::Openapi => stdout().write_all(openapi_document(&http::api()).as_bytes())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
