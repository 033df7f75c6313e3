//! The number of connections that a client address keeps open, so that one cannot take all of them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::http::{rate_limit::ClientNetwork, trusted_proxies::TrustedProxies};

/// A limit on the open connections of each client address. A trusted proxy, which connects for many clients, has
/// none.
#[derive(Clone)]
pub(super) struct AddressLimit {
    open: Arc<Mutex<HashMap<ClientNetwork, usize>>>,
    max: usize,
    exempt: TrustedProxies,
}

/// Counts one connection of an address as open until it is dropped.
pub(super) struct AddressPermit(Option<(AddressLimit, ClientNetwork)>);

impl AddressLimit {
    /// A limit of `max` connections for each address that is not `exempt`.
    pub(super) fn new(max: usize, exempt: TrustedProxies) -> Self {
        Self {
            open: Arc::default(),
            max,
            exempt,
        }
    }

    /// The maximum number of connections of an address.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// A permit for a connection from `peer`, if it may have one more.
    pub(super) fn try_acquire(&self, peer: IpAddr) -> Option<AddressPermit> {
        if self.exempt.contains(peer) {
            return Some(AddressPermit(None));
        }
        let client = ClientNetwork::from(peer);
        let mut open = self.open();
        let connections = open.entry(client).or_default();
        if *connections == self.max {
            return None;
        }
        *connections += 1;
        drop(open);
        Some(AddressPermit(Some((self.clone(), client))))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<ClientNetwork, usize>> {
        // Nothing panics while it is locked.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AddressPermit {
    fn drop(&mut self) {
        let Some((limit, client)) = &self.0 else {
            return;
        };
        let mut open = limit.open();
        if let Some(connections) = open.get_mut(client) {
            *connections -= 1;
            if *connections == 0 {
                open.remove(client);
            }
        }
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
        assert_eq!(limit.open().len(), 2);
    }
}
