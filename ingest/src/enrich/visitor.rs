//! A visitor without a cookie: the same for a day, to one organization, and to nobody afterwards.

use std::{fmt::Write, net::IpAddr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 32;
/// Bytes of the hash that are kept: enough that two visitors never meet.
const KEPT: usize = 16;

/// What the visitors of one day are hashed with.
pub type Salt = [u8; SALT_BYTES];

/// The visitor at `address` who calls itself `user_agent`, as `tenant` sees it on the day of `salt`.
/// Without the salt, which is destroyed after two days, it leads back to nobody.
#[must_use]
pub fn visitor_id(salt: &Salt, tenant: Uuid, address: IpAddr, user_agent: &str) -> Option<String> {
    let address = match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    let mut hash = Hmac::<Sha256>::new_from_slice(salt).ok()?;
    // The first two have a fixed length, so that the parts cannot run into one another.
    hash.update(tenant.as_bytes());
    hash.update(&address.octets());
    hash.update(user_agent.as_bytes());
    let mut id = String::with_capacity(2 * KEPT);
    for byte in hash.finalize().into_bytes().iter().take(KEPT) {
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
    fn everything_that_makes_a_visitor_makes_another_one() {
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
