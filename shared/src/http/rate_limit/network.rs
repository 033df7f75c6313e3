//! The network of a client, by which addresses are limited.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use poem::Request;

use crate::http::trusted_proxies::ClientAddress;

/// The bits of an IPv6 address that one subscriber does not choose: /64 is the smallest network that
/// providers assign.
const PREFIX: u128 = !0 << 64;

/// An IPv4 address, or the /64 network of an IPv6 address.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// Returns the network of the client of a request, which may be behind a trusted proxy.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let address = request.data::<ClientAddress>();
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        address.map_or(unknown, |address| address.0).into()
    }
}

impl From<IpAddr> for ClientNetwork {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & PREFIX).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_one(first: &str, second: &str) -> bool {
        let network = |text: &str| ClientNetwork::from(text.parse::<IpAddr>().unwrap());
        network(first) == network(second)
    }

    #[test]
    fn an_ipv6_network_of_64_bits_and_an_ipv4_address_are_one_client() {
        assert!(are_one("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!are_one("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(are_one("203.0.113.9", "::ffff:203.0.113.9"));
        assert!(!are_one("203.0.113.9", "203.0.113.8"));
    }
}
