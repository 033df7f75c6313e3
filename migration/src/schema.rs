//! The commands that change the schema.

use analytics_migration::{Migrator, compatibility, connection::connect, retention_policy};
use anyhow::Context;
use sea_orm_migration::{
    MigrationStatus, MigratorTrait,
    sea_orm::{ConnectionTrait, DatabaseConnection},
};

use crate::cli::Schema;

/// Two schema changes never run at the same time.
const LOCK: &str = "SELECT pg_advisory_lock(hashtext('analytics_service.migration'))";

/// Also drops a schema with migrations that this program does not know.
const DROP: &str = "DROP SCHEMA IF EXISTS analytics_service CASCADE;
    DROP TABLE IF EXISTS analytics_migrations";

/// Runs `command`, and lists the migrations.
pub async fn run(url: &str, command: Schema) -> anyhow::Result<()> {
    let database = match &command {
        Schema::Up(wait) => wait.connect(url).await?,
        Schema::Down { .. } | Schema::Status | Schema::Fresh => connect(url, None).await?,
    };
    database
        .execute_unprepared(LOCK)
        .await
        .context("cannot lock the schema")?;
    match command {
        Schema::Up(_) => up(&database).await?,
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
    print_status(&database).await
}

async fn up(database: &DatabaseConnection) -> anyhow::Result<()> {
    compatibility::ensure_current(database).await?;
    Migrator::up(database, None)
        .await
        .context("a migration failed and was rolled back")?;
    let edition = retention_policy::apply(database)
        .await
        .context("cannot apply the retention policy")?;
    compatibility::ensure_visitor_hash(database).await?;
    let retention = edition.retention_mechanism();
    tracing::info!(retention, "the schema is up to date");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
async fn print_status(database: &DatabaseConnection) -> anyhow::Result<()> {
    let is_outdated = compatibility::is_outdated(database).await?;
    for migration in Migrator::get_migration_with_status(database).await? {
        let status = match migration.status() {
            MigrationStatus::Applied if is_outdated => "outdated",
            MigrationStatus::Applied => "applied",
            MigrationStatus::Pending => "pending",
        };
        println!("{status}  {}", migration.name());
    }
    Ok(())
}
