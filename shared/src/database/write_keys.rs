//! The write keys of event pages: the statements by which programs create, list and revoke them.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::auth::{KeyHash, RandomKey};

/// The maximum number of active keys of all tenants, which every process of the write tier keeps in memory.
pub const MAX_ACTIVE_KEYS: i64 = 20_000;
/// The maximum number of active keys of a tenant.
pub const MAX_TENANT_KEYS: i64 = 50;

/// The rate of facts that are accepted with a key, unless set otherwise: many times the views of a large event.
pub const DEFAULT_FACTS_PER_MINUTE: u32 = 60_000;
/// The maximum rate of facts that can be set.
pub const MAX_FACTS_PER_MINUTE: u32 = 1_000_000;

/// The settings of a new write key.
#[derive(Clone, Debug)]
pub struct NewWriteKey {
    /// The tenant of the events about which the key sends facts.
    pub tenant_id: Uuid,
    /// A description.
    pub name: String,
    /// The origins of the pages; empty for any.
    pub origins: Vec<String>,
    /// The rate of facts that are accepted.
    pub facts_per_minute: i32,
}

/// A stored write key.
#[derive(Clone, Debug, FromQueryResult)]
pub struct StoredWriteKey {
    /// The id.
    pub id: String,
    /// The tenant.
    pub tenant_id: Uuid,
    /// The description.
    pub name: String,
    /// The origins of the pages; empty for any.
    pub origins: Vec<String>,
    /// The rate of facts that are accepted.
    pub facts_per_minute: i32,
    /// The time of its creation.
    pub created_at: DateTime<Utc>,
    /// The time of its revocation.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Stores a new key. Returns `None` if there are too many active keys of the tenant, or of all.
///
/// # Errors
/// When the statement fails.
pub async fn create<C: ConnectionTrait>(
    database: &C,
    key: &RandomKey,
    settings: NewWriteKey,
) -> Result<Option<StoredWriteKey>, DbErr> {
    let hash = KeyHash::of(key.expose()).bytes().to_vec();
    let NewWriteKey {
        tenant_id,
        name,
        origins,
        facts_per_minute,
    } = settings;
    let insert = raw_sql!(
        Postgres,
        r"INSERT INTO analytics_service.write_keys
              (key_hash, tenant_id, name, origins, facts_per_minute)
          SELECT {hash}::BYTEA, {tenant_id}::UUID, {name}::TEXT, {origins}::TEXT[],
                 {facts_per_minute}::INTEGER
          FROM analytics_service.write_keys
          WHERE revoked_at IS NULL
          HAVING COUNT(*) < {MAX_ACTIVE_KEYS}
             AND COUNT(*) FILTER (WHERE tenant_id = {tenant_id}::UUID) < {MAX_TENANT_KEYS}
          RETURNING id, tenant_id, name, origins, facts_per_minute, created_at, revoked_at"
    );
    StoredWriteKey::find_by_statement(insert)
        .one(database)
        .await
}

/// Returns the keys of a tenant, or all, the newest first, revoked ones included.
///
/// # Errors
/// When the statement fails.
pub async fn list<C: ConnectionTrait>(
    database: &C,
    tenant_id: Option<Uuid>,
) -> Result<Vec<StoredWriteKey>, DbErr> {
    let query = raw_sql!(
        Postgres,
        r"SELECT id, tenant_id, name, origins, facts_per_minute, created_at, revoked_at
          FROM analytics_service.write_keys
          WHERE {tenant_id}::UUID IS NULL OR tenant_id = {tenant_id}::UUID
          ORDER BY created_at DESC, id"
    );
    StoredWriteKey::find_by_statement(query).all(database).await
}

/// Revokes a key. Returns whether it exists; a key that is revoked already keeps its time of revocation.
///
/// # Errors
/// When the statement fails.
pub async fn revoke<C: ConnectionTrait>(database: &C, id: &str) -> Result<bool, DbErr> {
    let update = raw_sql!(
        Postgres,
        r"UPDATE analytics_service.write_keys SET revoked_at = COALESCE(revoked_at, NOW())
          WHERE id = {id}::TEXT"
    );
    Ok(database.execute_raw(update).await?.rows_affected() > 0)
}
