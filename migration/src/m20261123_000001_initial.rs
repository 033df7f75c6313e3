//! The first schema: facts, the event registry, visitors, the rollup and its maintenance, retention,
//! and the roles of the tiers.

use sea_orm_migration::prelude::*;

/// In the order in which they build on each other.
const UP: [&str; 8] = [
    include_str!("m20261123_000001_initial/schema.sql"),
    include_str!("m20261123_000001_initial/facts.sql"),
    include_str!("m20261123_000001_initial/registry.sql"),
    include_str!("m20261123_000001_initial/visitors.sql"),
    include_str!("m20261123_000001_initial/rollup.sql"),
    include_str!("m20261123_000001_initial/maintenance.sql"),
    include_str!("m20261123_000001_initial/retention.sql"),
    include_str!("m20261123_000001_initial/roles.sql"),
];
const DOWN: &str = include_str!("m20261123_000001_initial/down.sql");

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in UP {
            manager
                .get_connection()
                .execute_unprepared(statements)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}
