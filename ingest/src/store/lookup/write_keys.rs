//! The active write keys, which are kept in memory: a request with any key, known or not, costs no statement.

use std::{
    collections::{HashMap, HashSet},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use analytics_shared::{
    auth::{KeyHash, KeyKind, RandomKey},
    database::write_keys::{self, NewWriteKey, StoredWriteKey},
};
use sea_orm::{FromQueryResult, raw_sql};
use tokio::{
    sync::{Notify, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::{database::Store, error::StoreError};

/// The time between two reads of the keys. A revocation takes effect on all replicas within this time and that
/// of one statement.
const REFRESH_INTERVAL: Duration = Duration::from_secs(5);

/// A write key that has not been revoked.
#[derive(Debug)]
pub struct ActiveWriteKey {
    /// The id, for logs and rate limits.
    pub id: String,
    /// The tenant of the events about which it sends facts.
    pub tenant_id: Uuid,
    /// The rate of facts that are accepted.
    pub facts_per_minute: NonZeroU32,
    /// The origins of the pages; empty for any.
    origins: Vec<String>,
}

/// All active keys.
#[derive(Debug)]
struct KeySnapshot {
    keys: HashMap<KeyHash, Arc<ActiveWriteKey>>,
    origins: HashSet<String>,
}

/// The active keys, refreshed every [`REFRESH_INTERVAL`].
#[derive(Clone)]
pub struct WriteKeys {
    store: Store,
    snapshot: watch::Receiver<Option<Arc<KeySnapshot>>>,
    refresh_requested: Arc<Notify>,
}

#[derive(FromQueryResult)]
struct ActiveRow {
    key_hash: Vec<u8>,
    id: String,
    tenant_id: Uuid,
    origins: Vec<String>,
    facts_per_minute: i32,
}

impl ActiveWriteKey {
    #[cfg(test)]
    pub fn for_tests(tenant_id: Uuid) -> Self {
        Self {
            id: String::new(),
            tenant_id,
            facts_per_minute: NonZeroU32::MIN,
            origins: Vec::new(),
        }
    }

    /// Returns whether pages of an origin may use the key. Without an origin the sender is not a page.
    pub fn allows_origin(&self, origin: Option<&str>) -> bool {
        self.origins.is_empty()
            || origin.is_some_and(|origin| self.origins.iter().any(|allowed| allowed == origin))
    }
}

impl WriteKeys {
    /// Reads the keys in `store` until `shutdown`.
    pub fn start(store: &Store, shutdown: CancellationToken) -> Self {
        let (sender, snapshot) = watch::channel(None);
        let refresh_requested = Arc::new(Notify::new());
        let keys = Self {
            store: store.clone(),
            snapshot,
            refresh_requested: Arc::clone(&refresh_requested),
        };
        let store = store.clone();
        tokio::spawn(shutdown.run_until_cancelled_owned(async move {
            loop {
                match store.active_write_keys().await {
                    Ok(snapshot) => drop(sender.send_replace(Some(Arc::new(snapshot)))),
                    // The loss of the database has been logged. The keys that were read last stay active: none
                    // can be revoked meanwhile.
                    Err(StoreError::Unavailable(error)) => {
                        tracing::debug!(%error, "the write keys are not refreshed");
                    }
                    Err(error) => tracing::error!(%error, "the write keys are not refreshed"),
                }
                let _ = timeout(REFRESH_INTERVAL, refresh_requested.notified()).await;
            }
        }));
        keys
    }

    /// Returns the active key with this text; `None` if there is none. Fails before the keys have been read.
    pub fn find(&self, key: &str) -> Result<Option<Arc<ActiveWriteKey>>, StoreError> {
        let snapshot = self.snapshot.borrow();
        let snapshot = snapshot.as_ref();
        let snapshot =
            snapshot.ok_or_else(|| StoreError::unavailable("the write keys are not read yet"))?;
        Ok(snapshot.keys.get(&KeyHash::of(key)).cloned())
    }

    /// Returns whether any active key names the origin.
    pub fn name_origin(&self, origin: &str) -> bool {
        let snapshot = self.snapshot.borrow();
        snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.origins.contains(origin))
    }

    /// Creates a key. Returns `None` if there are too many.
    pub async fn create(
        &self,
        settings: NewWriteKey,
    ) -> Result<Option<(RandomKey, StoredWriteKey)>, StoreError> {
        let key = RandomKey::generate(KeyKind::WriteKey);
        let creating = write_keys::create(&self.store.database, &key, settings);
        let stored = self.store.availability.guard(creating).await?;
        self.refresh_requested.notify_one();
        Ok(stored.map(|stored| (key, stored)))
    }

    /// Returns the keys of a tenant, or all, revoked ones included.
    pub async fn list(&self, tenant_id: Option<Uuid>) -> Result<Vec<StoredWriteKey>, StoreError> {
        let listing = write_keys::list(&self.store.database, tenant_id);
        self.store.availability.guard(listing).await
    }

    /// Revokes a key. Returns whether it exists.
    pub async fn revoke(&self, id: &str) -> Result<bool, StoreError> {
        let revoking = write_keys::revoke(&self.store.database, id);
        let is_known = self.store.availability.guard(revoking).await?;
        self.refresh_requested.notify_one();
        Ok(is_known)
    }
}

impl Store {
    async fn active_write_keys(&self) -> Result<KeySnapshot, StoreError> {
        let query = raw_sql!(
            Postgres,
            r"SELECT key_hash, id, tenant_id, origins, facts_per_minute FROM write_keys
              WHERE revoked_at IS NULL"
        );
        let rows = ActiveRow::find_by_statement(query).all(&self.database);
        let rows = self.availability.guard(rows).await?;
        let origins = rows.iter().flat_map(|row| row.origins.iter().cloned());
        let origins = origins.collect();
        let keys = rows.into_iter().filter_map(|row| {
            let key = ActiveWriteKey {
                id: row.id,
                tenant_id: row.tenant_id,
                facts_per_minute: NonZeroU32::new(row.facts_per_minute.unsigned_abs())
                    .unwrap_or(NonZeroU32::MIN),
                origins: row.origins,
            };
            Some((KeyHash::from_bytes(&row.key_hash)?, Arc::new(key)))
        });
        Ok(KeySnapshot {
            keys: keys.collect(),
            origins,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_origins_is_for_pages_of_these_origins() {
        let key = |origins: &[&str]| ActiveWriteKey {
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            ..ActiveWriteKey::for_tests(Uuid::nil())
        };
        let (any, one) = (key(&[]), key(&["https://a.example"]));
        assert!(any.allows_origin(None) && any.allows_origin(Some("https://b.example")));
        assert!(one.allows_origin(Some("https://a.example")));
        for origin in [
            None,
            Some("https://b.example"),
            Some("null"),
            Some("https://A.example"),
        ] {
            assert!(!one.allows_origin(origin), "{origin:?}");
        }
    }
}
