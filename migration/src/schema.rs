//! The commands that change the schema.

use analytics_migration::{
    Migrator, compatibility,
    connection::connect,
    retention_policy,
    upgrade::{self, SchemaState},
};
use analytics_shared::database::{DatabasePool, SessionSettings};
use anyhow::Context;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::cli::Schema;

/// Also drops a schema with migrations that this program does not know.
const DROP: &str = "DROP SCHEMA IF EXISTS analytics_service CASCADE;
    DROP TABLE IF EXISTS analytics_migrations";

/// Runs `command`, and lists the migrations.
pub async fn run(url: &str, command: Schema) -> anyhow::Result<()> {
    // The table of migrations is in the first schema of the login's search path.
    let database = match &command {
        Schema::Up(wait) => wait.connect(url).await?,
        Schema::Down { .. } | Schema::Status | Schema::Fresh => {
            connect(url, SessionSettings::default()).await?
        }
    };
    match command {
        Schema::Up(_) => up(&database).await?,
        Schema::Down { steps } => upgrade::down::<Migrator>(&database, steps).await?,
        Schema::Status => {}
        Schema::Fresh => {
            upgrade::change(&database, async |transaction| {
                transaction.execute_unprepared(DROP).await.map(drop)
            })
            .await
            .context("cannot drop the schema")?;
            up(&database).await?;
        }
    }
    print_status(&database).await
}

async fn up(database: &DatabasePool) -> anyhow::Result<()> {
    compatibility::ensure_current(database).await?;
    let state = SchemaState::read::<Migrator>(database).await;
    let state = state.context("cannot read the applied migrations")?;
    if state.applied.is_empty() {
        upgrade::ensure_requirements(database).await?;
    }
    upgrade::up::<Migrator>(database).await?;
    if state.is_newer() {
        tracing::warn!(
            unknown = state.unknown.join(", "),
            "the schema is newer than this program, and is left as it is"
        );
        return Ok(());
    }
    let edition = retention_policy::apply(database)
        .await
        .context("cannot apply the retention policy")?;
    compatibility::ensure_visitor_hash(database).await?;
    let retention = edition.retention_mechanism();
    tracing::info!(retention, "the schema is up to date");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
async fn print_status(database: &DatabasePool) -> anyhow::Result<()> {
    let is_outdated = compatibility::is_outdated(database).await?;
    let state = SchemaState::read::<Migrator>(database).await?;
    let applied = if is_outdated { "outdated" } else { "applied" };
    for (status, names) in [
        (applied, state.applied),
        ("pending", state.pending),
        ("unknown", state.unknown),
    ] {
        for name in names {
            println!("{status}  {name}");
        }
    }
    Ok(())
}
