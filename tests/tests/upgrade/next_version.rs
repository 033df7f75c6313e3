//! The migrations of an imagined next version: those of the program, and some that expand the tables.

use analytics_migration::Migrator;
use sea_orm_migration::prelude::*;

/// The migrations that this version adds, each with the change of one table.
pub const ADDED: [(&str, &str); 6] = [
    (
        "m20990101_000001_venue_of_events",
        "ALTER TABLE analytics_service.tracked_events ADD COLUMN venue TEXT",
    ),
    (
        "m20990101_000002_first_fact_of_rollup",
        "ALTER TABLE analytics_service.event_rollup ADD COLUMN first_seen_at TIMESTAMPTZ",
    ),
    (
        "m20990101_000003_note_of_days",
        "ALTER TABLE analytics_service.event_day_versions ADD COLUMN note TEXT",
    ),
    (
        "m20990101_000004_receipt_of_facts",
        "ALTER TABLE analytics_service.analytics_events ADD COLUMN received_at TIMESTAMPTZ",
    ),
    (
        "m20990101_000005_language_of_links",
        "ALTER TABLE analytics_service.shared_links ADD COLUMN language TEXT",
    ),
    (
        "m20990101_000006_venues",
        "CREATE TABLE analytics_service.venues (venue TEXT PRIMARY KEY)",
    ),
];

/// The migrations of the next version.
pub struct NextVersion;

#[async_trait::async_trait]
impl MigratorTrait for NextVersion {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations = Migrator::migrations();
        for (name, statement) in ADDED {
            migrations.push(Box::new(Added { name, statement }));
        }
        migrations
    }

    fn migration_table_name() -> DynIden {
        Migrator::migration_table_name()
    }
}

struct Added {
    name: &'static str,
    statement: &'static str,
}

impl MigrationName for Added {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Added {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared(self.statement)
            .await
            .map(drop)
    }
}
