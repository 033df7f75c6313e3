//! Visitors without cookies, and robots that are counted nowhere.

use sea_orm_migration::prelude::*;

const UP: &str = include_str!("m20261123_000003_visitor_salts/up.sql");
const DOWN: &str = include_str!("m20261123_000003_visitor_salts/down.sql");

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}
