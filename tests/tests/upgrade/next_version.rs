//! The migrations of an imagined next version: those of the program, and one that expands the tables.

use analytics_migration::Migrator;
use sea_orm_migration::prelude::*;

/// The name of the migration that this version adds.
pub const FIXTURE: &str = "m20990101_000001_fixture";

const UP: &str = "
    ALTER TABLE analytics_service.tracked_events ADD COLUMN venue TEXT;
    ALTER TABLE analytics_service.event_rollup ADD COLUMN first_seen_at TIMESTAMPTZ;
    ALTER TABLE analytics_service.event_day_versions ADD COLUMN note TEXT;
    ALTER TABLE analytics_service.analytics_events ADD COLUMN received_at TIMESTAMPTZ;
    CREATE TABLE analytics_service.venues (venue TEXT PRIMARY KEY)";

/// The migrations of the next version.
pub struct NextVersion;

#[async_trait::async_trait]
impl MigratorTrait for NextVersion {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = Migrator::migrations();
        migrations.push(Box::new(Fixture));
        migrations
    }

    fn migration_table_name() -> DynIden {
        Migrator::migration_table_name()
    }
}

struct Fixture;

impl MigrationName for Fixture {
    fn name(&self) -> &str {
        FIXTURE
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Fixture {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(UP).await.map(drop)
    }
}
