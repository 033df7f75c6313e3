//! The commands that change the schema.

use analytics_migration::{Migrator, compatibility, retention};
use anyhow::Context;
use sea_orm_migration::{
    MigrationStatus, MigratorTrait,
    sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection},
};

use crate::cli::Schema;

/// Every change takes this lock of the database, so that two migrations never run at once.
const LOCK: &str = "SELECT pg_advisory_lock(hashtext('analytics_service.migration'))";

/// Also drops a schema whose changes this program does not know.
const DROP: &str = "DROP SCHEMA IF EXISTS analytics_service CASCADE;
    DROP TABLE IF EXISTS analytics_migrations";

/// Does what `command` says, and lists the changes.
pub async fn change(url: &str, command: Schema) -> anyhow::Result<()> {
    // One connection: the lock belongs to it, and ends with it.
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let database = Database::connect(options)
        .await
        .context("cannot connect to the database; is it running, and is the URL right?")?;
    database
        .execute_unprepared(LOCK)
        .await
        .context("cannot lock the schema")?;
    match command {
        Schema::Up => up(&database).await?,
        Schema::Down { steps } => Migrator::down(&database, Some(steps)).await?,
        Schema::Status => {}
        Schema::Fresh => {
            database
                .execute_unprepared(DROP)
                .await
                .context("cannot drop the schema")?;
            up(&database).await?;
        }
    }
    status(&database).await
}

async fn up(database: &DatabaseConnection) -> anyhow::Result<()> {
    compatibility::ensure_current(database).await?;
    Migrator::up(database, None)
        .await
        .context("a change failed and was taken back")?;
    let edition = retention::establish(database)
        .await
        .context("cannot establish the retention")?;
    compatibility::ensure_visitor_hash(database).await?;
    tracing::info!(
        retention = edition.retention_mechanism(),
        "schema is up to date"
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is what the command is asked for")]
async fn status(database: &DatabaseConnection) -> anyhow::Result<()> {
    let is_outdated = compatibility::is_outdated(database).await?;
    for change in Migrator::get_migration_with_status(database).await? {
        let state = match change.status() {
            MigrationStatus::Applied if is_outdated => "outdated",
            MigrationStatus::Applied => "applied",
            MigrationStatus::Pending => "pending",
        };
        println!("{state}  {}", change.name());
    }
    Ok(())
}
