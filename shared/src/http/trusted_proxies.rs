//! The proxies whose `X-Forwarded-For` is trusted, and the clients behind them.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use ipnet::IpNet;
use poem::http::{HeaderMap, header};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client of a request. It identifies a person and must not be logged, so it has no
/// `Debug`.
#[derive(Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// The networks of trusted proxies in CIDR notation, separated by commas; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim);
        let networks = names.filter(|name| !name.is_empty()).map(|name| {
            let network = name
                .parse()
                .or_else(|_| name.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("`{name}` is not a network, for example 10.0.0.0/8"))
        });
        networks.collect::<Result<_, _>>().map(Self)
    }
}

/// Returns whether a proxy has forwarded a request with these headers.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

impl TrustedProxies {
    /// Returns whether `address` is that of a trusted proxy.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the address of the client behind `peer`: the rightmost address of `X-Forwarded-For` that
    /// is not a trusted proxy. Addresses further left can be forged.
    #[must_use]
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let values = headers.get_all(X_FORWARDED_FOR).iter();
        let hops: Vec<&str> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut hops = hops.into_iter().rev();
        let mut client = peer.to_canonical();
        while self.contains(client) {
            let Some(previous) = hops.next().and_then(address) else {
                break;
            };
            client = previous;
        }
        client
    }
}

/// The address of a hop, which may have a port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let without_brackets = hop.trim_start_matches('[').trim_end_matches(']');
    let address = without_brackets.parse().ok();
    let address = address.or_else(|| Some(hop.parse::<std::net::SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let proxies: TrustedProxies = trusted.parse().unwrap();
        proxies
            .client_address(peer.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn without_trusted_proxies_the_peer_is_the_client() {
        assert_eq!(client("", "10.0.0.1", &["203.0.113.9"]), "10.0.0.1");
        assert_eq!(client("", "::ffff:10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_client() {
        let trusted = "10.0.0.0/8, fd00::/8";
        for (forwarded, expected) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            (&["6.6.6.6, 203.0.113.9, 10.1.1.1"], "203.0.113.9"),
            (&["6.6.6.6", "203.0.113.9:4711", "fd00::1"], "203.0.113.9"),
            (&["[2001:db8::7]:443"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            (&["203.0.113.9, unknown"], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(client(trusted, "10.0.0.1", forwarded), expected);
        }
        assert_eq!(client(trusted, "192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn an_invalid_network_is_named_in_the_error() {
        assert!(
            "10.0.0.0/8,nonsense"
                .parse::<TrustedProxies>()
                .unwrap_err()
                .contains("nonsense")
        );
        assert_eq!("10.0.0.1".parse::<TrustedProxies>(), "10.0.0.1/32".parse());
    }
}
