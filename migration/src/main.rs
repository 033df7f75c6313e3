//! `analytics-migration`: brings the schema to the version of this program, or back.

use analytics_migration::{Migrator, retention};
use analytics_shared::{
    config::{LogConfig, Secret},
    telemetry,
};
use anyhow::Context;
use clap::{Parser, Subcommand};
use sea_orm_migration::{
    MigrationStatus, MigratorTrait,
    sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection},
};

/// Every change takes this lock of the database, so that two migrations never run at once.
const LOCK: &str = "SELECT pg_advisory_lock(hashtext('analytics_service.migration'))";

/// Brings the schema `analytics_service` to the version of this program, or back.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// TimescaleDB, as `postgres://user:password@host:port/database`; the user owns the schema and
    /// may create roles and the extension `timescaledb`.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<Secret>,
    #[command(flatten)]
    log: LogConfig,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply all changes that are missing, and the retention policy where the edition has one.
    Up,
    /// Take back changes, newest first. Deletes the data of the tables that they made.
    Down {
        /// How many changes.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List all changes and whether they are applied.
    Status,
    /// Take back everything and apply it anew. Deletes all data.
    Fresh,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    telemetry::start_logging(&cli.log);
    let url = cli
        .database_url
        .context("no database: set DATABASE_URL or give --database-url")?;
    // One connection: the lock belongs to it, and ends with it.
    let mut options = ConnectOptions::new(url.expose());
    options.max_connections(1).sqlx_logging(false);
    let database = Database::connect(options)
        .await
        .context("cannot connect to the database; is it running, and is the URL right?")?;
    database
        .execute_unprepared(LOCK)
        .await
        .context("cannot lock the schema")?;
    match cli.command {
        Command::Up => up(&database).await?,
        Command::Down { steps } => Migrator::down(&database, Some(steps)).await?,
        Command::Status => {}
        Command::Fresh => {
            Migrator::down(&database, None).await?;
            up(&database).await?;
        }
    }
    status(&database).await
}

async fn up(database: &DatabaseConnection) -> anyhow::Result<()> {
    Migrator::up(database, None)
        .await
        .context("a change failed and was taken back")?;
    let edition = retention::establish(database)
        .await
        .context("cannot establish the retention")?;
    tracing::info!(retention = edition.retention(), "schema is up to date");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the command is asked for")]
async fn status(database: &DatabaseConnection) -> anyhow::Result<()> {
    for change in Migrator::get_migration_with_status(database).await? {
        let state = match change.status() {
            MigrationStatus::Applied => "applied",
            MigrationStatus::Pending => "pending",
        };
        println!("{state}  {}", change.name());
    }
    Ok(())
}
