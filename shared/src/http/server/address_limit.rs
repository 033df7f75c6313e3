//! The number of connections that a client address keeps open, so that one cannot take all of them.

use std::net::IpAddr;

use crate::http::{
    keyed_limiter::{KeyedLimiter, KeyedPermit},
    rate_limit::ClientNetwork,
    trusted_proxies::TrustedProxies,
};

/// A limit on the open connections of each client address. A trusted proxy, which connects for many clients, has
/// none.
pub(super) struct AddressLimit {
    open: KeyedLimiter<ClientNetwork>,
    exempt: TrustedProxies,
}

/// The permit of a connection, until it is dropped; without a limit for a trusted proxy.
pub(super) struct AddressPermit {
    _counted: Option<KeyedPermit<ClientNetwork>>,
}

impl AddressLimit {
    /// A limit of `max` connections for each address that is not `exempt`.
    pub(super) fn new(max: u32, exempt: TrustedProxies) -> Self {
        Self {
            open: KeyedLimiter::new(max),
            exempt,
        }
    }

    /// The maximum number of connections of an address.
    pub(super) fn max(&self) -> usize {
        self.open.limit()
    }

    /// A permit for a connection from `peer`, if it may have one more.
    pub(super) fn try_acquire(&self, peer: IpAddr) -> Option<AddressPermit> {
        let counted = if self.exempt.contains(peer) {
            None
        } else {
            Some(self.open.try_acquire(peer.into())?)
        };
        Some(AddressPermit { _counted: counted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_number_of_connections_and_a_trusted_proxy_any() {
        let limit = AddressLimit::new(2, "10.0.0.0/8".parse().unwrap());
        let acquire = |peer: &str| limit.try_acquire(peer.parse().unwrap());
        let first = acquire("203.0.113.1").unwrap();
        let _second = acquire("::ffff:203.0.113.1").unwrap();
        assert!(acquire("203.0.113.1").is_none());
        assert!(acquire("203.0.113.2").is_some());
        drop(first);
        let _third = acquire("203.0.113.1").unwrap();

        let _one = acquire("2001:db8::1").unwrap();
        let _two = acquire("2001:db8::ffff:2").unwrap();
        assert!(acquire("2001:db8::3").is_none());
        assert!(acquire("2001:db8:0:1::3").is_some());

        let proxied: Vec<_> = (0..9).map(|_| acquire("10.1.2.3").unwrap()).collect();
        drop(proxied);
        // An address without a connection takes no memory.
        assert_eq!(limit.open.keys(), 2);
    }
}
