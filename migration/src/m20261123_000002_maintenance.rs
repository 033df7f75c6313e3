//! What keeps years of facts in order: visitors that can be forgotten, sets that are recounted by
//! themselves, and retention of everything that goes with a fact.

use sea_orm_migration::prelude::*;

/// In the order in which they build on each other.
const UP: [&str; 4] = [
    include_str!("m20261123_000002_maintenance/counted_facts.sql"),
    include_str!("m20261123_000002_maintenance/visitors.sql"),
    include_str!("m20261123_000002_maintenance/retention.sql"),
    include_str!("m20261123_000002_maintenance/roles.sql"),
];
const DOWN: &str = include_str!("m20261123_000002_maintenance/down.sql");

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
