//! Visitor ids without cookies: a hash of address and user agent under a salt that changes daily, and of the
//! tenant, and the cache of these salts.

use std::{fmt::Write, net::IpAddr, time::Duration};

use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use moka::future::Cache;
use rand::Rng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::store::{database::Store, error::StoreError};

/// The length of a salt, in bytes.
const SALT_BYTES: usize = 32;
/// The length of a visitor id, in bytes of the hash: enough to exclude collisions.
const ID_BYTES: usize = 16;
/// The capacity of the cache: today's salt, and at midnight that of a replica whose clock is behind.
const CACHED_SALTS: u64 = 2;
/// The time to live of a cached salt, which is deleted from the database as well.
const SALT_TTL: Duration = Duration::from_hours(24);

/// The HMAC key of the visitor ids of one day.
pub type Salt = [u8; SALT_BYTES];

/// The cached salts.
#[derive(Clone)]
pub struct Salts {
    store: Store,
    cache: Cache<NaiveDate, Salt>,
    /// The salts that this process proposes, and uses while the database is unavailable.
    proposals: Cache<NaiveDate, Salt>,
}

impl Salts {
    /// A cache of the salts in `store`.
    pub fn new(store: Store) -> Self {
        let cache = || {
            Cache::builder()
                .max_capacity(CACHED_SALTS)
                .time_to_live(SALT_TTL)
                .build()
        };
        Self {
            store,
            cache: cache(),
            proposals: cache(),
        }
    }

    /// Returns the salt of `day`, which all replicas share. If it cannot be read before the deadline, returns one of
    /// this process, which becomes that of all replicas if there is none yet.
    pub async fn of_day(&self, day: NaiveDate, deadline: Instant) -> Result<Salt, StoreError> {
        if let Some(salt) = self.cache.get(&day).await {
            return Ok(salt);
        }
        let proposal = self.proposals.get_with(day, async {
            let mut fresh = [0; SALT_BYTES];
            rand::rng().fill_bytes(&mut fresh);
            fresh
        });
        let proposal = proposal.await;
        let reading = timeout_at(deadline, self.store.salt(day, proposal.to_vec()));
        match reading.await {
            Ok(Ok(stored)) => {
                // All salts in the table have this length.
                let salt = stored.try_into().unwrap_or(proposal);
                self.cache.insert(day, salt).await;
                Ok(salt)
            }
            Ok(Err(error)) if !error.is_temporary() => Err(error),
            Ok(Err(_)) | Err(_) => Ok(proposal),
        }
    }
}

/// The key of the ids of a visitor on one day, one for each tenant. It cannot be traced to the visitor once the salt is
/// deleted, after two days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorKey([u8; SALT_BYTES]);

impl VisitorKey {
    /// The key of a client.
    pub fn new(salt: &Salt, address: IpAddr, user_agent: &str) -> Option<Self> {
        let address = match address.to_canonical() {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        let mut hash = Hmac::<Sha256>::new_from_slice(salt).ok()?;
        // Of a fixed length, so that the concatenation is unambiguous.
        hash.update(&address.octets());
        hash.update(user_agent.as_bytes());
        Some(Self(hash.finalize().into_bytes().into()))
    }

    /// The visitor id in a tenant.
    pub fn id(&self, tenant: Uuid) -> Option<String> {
        let mut hash = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        hash.update(tenant.as_bytes());
        let mut id = String::with_capacity(2 * ID_BYTES);
        for byte in hash.finalize().into_bytes().iter().take(ID_BYTES) {
            write!(id, "{byte:02x}").ok()?;
        }
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(salt: u8, tenant: u128, address: &str, user_agent: &str) -> String {
        let (tenant, address) = (Uuid::from_u128(tenant), address.parse().unwrap());
        let key = VisitorKey::new(&[salt; SALT_BYTES], address, user_agent);
        key.unwrap().id(tenant).unwrap()
    }

    #[test]
    fn salt_tenant_address_and_user_agent_each_change_the_id() {
        let one = id(1, 1, "203.0.113.9", "A browser");
        assert_eq!(one.len(), 32);
        assert_eq!(one, id(1, 1, "::ffff:203.0.113.9", "A browser"));
        for other in [
            id(2, 1, "203.0.113.9", "A browser"),
            id(1, 2, "203.0.113.9", "A browser"),
            id(1, 1, "203.0.113.8", "A browser"),
            id(1, 1, "203.0.113.9", "Another"),
        ] {
            assert_ne!(one, other);
        }
    }
}
