//! The first migration: facts, the event registry, write keys, share links, visitors, the rollup and its maintenance,
//! retention, and the roles with their row-level security and privileges.

use std::fmt::Write;

use sea_orm_migration::prelude::*;
use sha2::{Digest, Sha256};

/// The statements, in the order of their dependencies.
const UP: [&str; 15] = [
    include_str!("m20261123_000001_initial/schema.sql"),
    include_str!("m20261123_000001_initial/facts.sql"),
    include_str!("m20261123_000001_initial/registry.sql"),
    include_str!("m20261123_000001_initial/write_keys.sql"),
    include_str!("m20261123_000001_initial/shared_links.sql"),
    include_str!("m20261123_000001_initial/visitors.sql"),
    include_str!("m20261123_000001_initial/rollup.sql"),
    include_str!("m20261123_000001_initial/maintenance.sql"),
    include_str!("m20261123_000001_initial/claims.sql"),
    include_str!("m20261123_000001_initial/retention.sql"),
    include_str!("m20261123_000001_initial/roles.sql"),
    include_str!("m20261123_000001_initial/row_security.sql"),
    concat!(
        include_str!("m20261123_000001_initial/event_days.sql"),
        include_str!("../../shared/src/database/event_days.sql"),
        "; END $$"
    ),
    include_str!("m20261123_000001_initial/bi.sql"),
    include_str!("m20261123_000001_initial/grants.sql"),
];
/// The roles are kept, because other databases of the server may use them; so is the extension, which may have
/// existed before.
const DOWN: &str = "DROP SCHEMA analytics_service CASCADE";

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
        let comment = format!("COMMENT ON SCHEMA analytics_service IS '{}'", fingerprint());
        manager
            .get_connection()
            .execute_unprepared(&comment)
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}

/// Returns the comment of the schema: a digest of the statements, ignoring comments and indentation.
pub fn fingerprint() -> String {
    digest(UP.iter().flat_map(|statements| statements.lines()))
}

fn digest<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for line in lines.map(str::trim) {
        if !line.is_empty() && !line.starts_with("--") {
            hasher.update(line);
            hasher.update("\n");
        }
    }
    let mut text = "First migration, SHA-256 ".to_owned();
    for byte in hasher.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_changes_with_statements_and_not_with_comments() {
        let of = |sql: &str| digest(sql.lines());
        let sql = "CREATE TABLE one (\n    id UUID\n);";
        let commented = "-- Ids.\nCREATE TABLE one (\n\n  -- An id.\n  id UUID\n);\n";
        assert_eq!(of(sql), of(commented));
        assert_ne!(of(sql), of("CREATE TABLE one (\n    id TEXT\n);"));
        assert_ne!(of(sql), of("CREATE TABLE one (\n    id\nUUID\n);"));
    }
}
