//! Visitor ids without cookies: a hash of tenant, address and user agent under a salt that changes
//! daily, and the cache of these salts.

use std::{fmt::Write, net::IpAddr, time::Duration};

use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use moka::future::Cache;
use rand::Rng;
use sha2::Sha256;
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
}

impl Salts {
    /// A cache of the salts in `store`.
    pub fn new(store: Store) -> Self {
        let cache = Cache::builder()
            .max_capacity(CACHED_SALTS)
            .time_to_live(SALT_TTL)
            .build();
        Self { store, cache }
    }

    /// Returns the salt of `day`, which all replicas share.
    pub async fn of_day(&self, day: NaiveDate) -> Result<Salt, StoreError> {
        if let Some(salt) = self.cache.get(&day).await {
            return Ok(salt);
        }
        let mut fresh = [0; SALT_BYTES];
        rand::rng().fill_bytes(&mut fresh);
        let stored = self.store.salt(day, fresh.to_vec()).await?;
        // All salts in the table have this length.
        let salt = stored.try_into().unwrap_or(fresh);
        self.cache.insert(day, salt).await;
        Ok(salt)
    }
}

/// The visitor id of a client, which differs by tenant and day. It cannot be reversed once the salt is
/// deleted, after two days.
pub fn visitor_id(salt: &Salt, tenant: Uuid, address: IpAddr, user_agent: &str) -> Option<String> {
    let address = match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    let mut hash = Hmac::<Sha256>::new_from_slice(salt).ok()?;
    // The first two have a fixed length, so that the concatenation is unambiguous.
    hash.update(tenant.as_bytes());
    hash.update(&address.octets());
    hash.update(user_agent.as_bytes());
    let mut id = String::with_capacity(2 * ID_BYTES);
    for byte in hash.finalize().into_bytes().iter().take(ID_BYTES) {
        write!(id, "{byte:02x}").ok()?;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(salt: u8, tenant: u128, address: &str, user_agent: &str) -> String {
        let (tenant, address) = (Uuid::from_u128(tenant), address.parse().unwrap());
        visitor_id(&[salt; SALT_BYTES], tenant, address, user_agent).unwrap()
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
