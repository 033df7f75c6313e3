//! `analytics-migration`: changes the schema and maintains the stored data.

mod bi_user;
mod cli;
mod schema;
mod wait;
mod write_key;

use std::process::ExitCode;

use analytics_migration::maintenance::{self, Session};
use analytics_shared::{
    config::{parse, verified_database_url},
    service_info, telemetry,
};
use anyhow::Context;
use cli::{Cli, Command, Maintenance};

/// The time zone of commands that do not count days.
const NO_DAYS: &str = "UTC";

#[tokio::main]
async fn main() -> ExitCode {
    let cli: Cli = parse();
    telemetry::start_logging(&cli.log, &service_info!());
    run(cli).await.unwrap_or_else(|error| {
        // An operator needs the reason: no backtrace, whatever RUST_BACKTRACE says.
        eprintln!("Error: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let url = cli
        .database_url
        .context("set DATABASE_URL or --database-url")?;
    let url = verified_database_url(&url, cli.database_ca_file.as_ref())?;
    match cli.command {
        Command::Schema(command) => {
            schema::run(url.expose(), command).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Maintenance(command) => maintain(url.expose(), command).await,
        Command::ExportPerson(person) => {
            let session = Session::open(url.expose(), NO_DAYS).await?;
            maintenance::export_person(&session, &person).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::BiUser(command) => {
            let session = Session::open(url.expose(), NO_DAYS).await?;
            bi_user::run(&session, command).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::WriteKey(command) => {
            let session = Session::open(url.expose(), NO_DAYS).await?;
            write_key::run(&session, command).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn maintain(url: &str, command: Maintenance) -> anyhow::Result<ExitCode> {
    let session = Session::open(url, command.calendar().default_timezone.name()).await?;
    match command {
        Maintenance::Rebuild { scope, .. } => maintenance::rebuild(&session, scope).await?,
        Maintenance::Verify { scope, .. } => {
            if !maintenance::verify(&session, scope).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Maintenance::Retention { dry_run, .. } => {
            maintenance::apply_retention(&session, dry_run).await?;
        }
        Maintenance::Forget { person, delete, .. } => {
            maintenance::forget(&session, &person, delete).await?;
        }
        Maintenance::DeleteTenant { tenant, yes, .. } => {
            maintenance::delete_tenant(&session, tenant, yes).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
