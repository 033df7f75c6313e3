//! Checks that the stored schema and hashes match this program and this server.

use anyhow::{Context, ensure};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement},
};

use crate::m20261123_000001_initial as initial;

const FINGERPRINT: &str = "SELECT obj_description(oid, 'pg_namespace') AS fingerprint
    FROM pg_namespace WHERE nspname = 'analytics_service'";
const VISITOR_HASH: &str = "SELECT analytics_service.visitor_hash_sample()
    IS DISTINCT FROM analytics_service.recorded_visitor_hash_sample() AS has_changed";

/// Returns whether the schema was created by a different version of the first migration, which is
/// rewritten, rather than followed by others, until the first release.
///
/// # Errors
/// When the statement fails.
pub async fn is_outdated<C: ConnectionTrait>(database: &C) -> Result<bool, DbErr> {
    let Some(schema) = query_one(database, FINGERPRINT).await? else {
        return Ok(false);
    };
    let stored: Option<String> = schema.try_get("", "fingerprint")?;
    Ok(stored != Some(initial::fingerprint()))
}

/// Fails if the schema [is outdated](is_outdated).
///
/// # Errors
/// When it is, or the statement fails.
pub async fn ensure_current<C: ConnectionTrait>(database: &C) -> anyhow::Result<()> {
    let is_outdated = is_outdated(database).await;
    ensure!(
        !is_outdated.context("cannot read the fingerprint of the schema")?,
        "the schema analytics_service was created by another version of its first migration, which \
         is rewritten until the first release: run `analytics-migration fresh` to recreate the \
         schema, which deletes all data"
    );
    Ok(())
}

/// Fails if this server computes other visitor hashes than those stored in the rollup.
///
/// # Errors
/// When it does, or the statement fails.
pub async fn ensure_visitor_hash<C: ConnectionTrait>(database: &C) -> anyhow::Result<()> {
    let row = query_one(database, VISITOR_HASH).await;
    let row = row
        .context("cannot read the recorded visitor hash")?
        .context("no row with the recorded visitor hash")?;
    ensure!(
        !row.try_get::<bool>("", "has_changed")?,
        "the function visitor_hash returns other values than those stored in event_rollup, as it \
         may after an upgrade of PostgreSQL: run `analytics-migration rebuild` for all events"
    );
    Ok(())
}

async fn query_one<C: ConnectionTrait>(
    database: &C,
    sql: &str,
) -> Result<Option<QueryResult>, DbErr> {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    database.query_one_raw(statement).await
}
