//! Share links: the only rows that the read tier writes, with a login of its own.

use analytics_shared::{database::DatabasePool, telemetry::traces::traced_statement};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use uuid::Uuid;

use super::error::StoreError;

/// The maximum number of valid links of an event.
const MAX_VALID_LINKS: i64 = 50;
/// The maximum number of stored links of a tenant, those included that are no longer valid and not deleted yet.
const MAX_STORED_LINKS: i64 = 5_000;
/// The maximum number of listed links of an event: all valid ones, and the last of the others.
const MAX_LISTED_LINKS: i32 = 100;

/// The table of share links. Its columns are selected by name: a prepared statement fails when a new version of the
/// schema adds one to `*`.
#[derive(Clone)]
pub struct SharedLinkStore {
    database: DatabasePool,
    is_writable: bool,
}

/// A link to create.
pub struct NewSharedLink {
    pub tenant_id: Uuid,
    pub event_id: Uuid,
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    pub name: String,
    /// Names of the sections.
    pub sections: Vec<String>,
    pub shows_revenue: bool,
    /// Argon2id, in the format of PHC strings.
    pub password_hash: Option<String>,
    pub created_by: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
}

/// A stored link, valid or not.
#[derive(Clone, Debug, FromQueryResult)]
pub struct StoredSharedLink {
    pub share_id: Uuid,
    pub tenant_id: Uuid,
    pub event_id: Uuid,
    pub name: String,
    pub sections: Vec<String>,
    pub shows_revenue: bool,
    pub password_hash: Option<String>,
    pub created_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

impl StoredSharedLink {
    /// Returns whether the link opens anything at `now`.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

impl SharedLinkStore {
    /// The table, through a connection that can write it.
    pub fn writable(database: DatabasePool) -> Self {
        Self {
            database,
            is_writable: true,
        }
    }

    /// The table, through a connection that can only read it.
    pub fn read_only(database: DatabasePool) -> Self {
        Self {
            database,
            is_writable: false,
        }
    }

    /// Creates a link. Returns `None` if the event or the tenant has too many.
    pub async fn create(
        &self,
        link: NewSharedLink,
    ) -> Result<Option<StoredSharedLink>, StoreError> {
        self.ensure_writable()?;
        let NewSharedLink {
            tenant_id,
            event_id,
            secret_hash,
            name,
            sections,
            shows_revenue,
            password_hash,
            created_by,
            expires_at,
        } = link;
        let create = raw_sql!(
            Postgres,
            r"SELECT share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at,
                     expires_at, revoked_at, last_used_at
              FROM create_shared_link(
                  {tenant_id}, {event_id}, {secret_hash}, {name}, {sections}, {shows_revenue}, {password_hash},
                  {created_by}, {expires_at}, {MAX_VALID_LINKS}, {MAX_STORED_LINKS})"
        );
        let link = StoredSharedLink::find_by_statement(create);
        Ok(link.one(&self.database).await?)
    }

    /// Returns the links of an event: the valid ones first, then the last of the others.
    pub async fn of_event(
        &self,
        tenant_id: Uuid,
        event_id: Uuid,
    ) -> Result<Vec<StoredSharedLink>, StoreError> {
        let list = raw_sql!(
            Postgres,
            r"SELECT share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at,
                     expires_at, revoked_at, last_used_at
              FROM shared_links_of_event({tenant_id}, {event_id}, {MAX_LISTED_LINKS})"
        );
        let links = StoredSharedLink::find_by_statement(list);
        Ok(links.all(&self.database).await?)
    }

    /// Revokes a link of an event; returns whether it exists.
    pub async fn revoke(
        &self,
        tenant_id: Uuid,
        event_id: Uuid,
        share_id: Uuid,
    ) -> Result<bool, StoreError> {
        self.ensure_writable()?;
        let revoke = raw_sql!(
            Postgres,
            "SELECT revoke_shared_link({tenant_id}, {event_id}, {share_id})"
        );
        let row = self.database.query_one_raw(revoke).await?;
        let row = row.ok_or(StoreError::UnexpectedRow("no result of a revocation"))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Returns a link of a tenant, valid or not.
    pub async fn find(
        &self,
        tenant_id: Uuid,
        share_id: Uuid,
    ) -> Result<Option<StoredSharedLink>, StoreError> {
        let find = raw_sql!(
            Postgres,
            r"SELECT share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at,
                     expires_at, revoked_at, last_used_at
              FROM shared_link_of_tenant({tenant_id}, {share_id})"
        );
        let link = StoredSharedLink::find_by_statement(find).one(&self.database);
        Ok(traced_statement("SELECT shared_link_of_tenant", None, link).await?)
    }

    /// Returns the link with a secret, valid or not.
    pub async fn find_by_secret(
        &self,
        secret_hash: &[u8],
    ) -> Result<Option<StoredSharedLink>, StoreError> {
        let find = raw_sql!(
            Postgres,
            r"SELECT share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at,
                     expires_at, revoked_at, last_used_at
              FROM shared_link_with_secret({secret_hash})"
        );
        let link = StoredSharedLink::find_by_statement(find).one(&self.database);
        Ok(traced_statement("SELECT shared_link_with_secret", None, link).await?)
    }

    /// Records that a link is used, to the minute; nothing without a connection that can write.
    pub async fn record_use(&self, tenant_id: Uuid, share_id: Uuid) -> Result<(), StoreError> {
        if !self.is_writable {
            return Ok(());
        }
        let record = raw_sql!(
            Postgres,
            "SELECT record_use_of_shared_link({tenant_id}, {share_id})"
        );
        self.database.execute_raw(record).await?;
        Ok(())
    }

    /// Fails if there is no connection that can write.
    pub fn ensure_writable(&self) -> Result<(), StoreError> {
        if self.is_writable {
            Ok(())
        } else {
            Err(StoreError::LinksReadOnly)
        }
    }
}
