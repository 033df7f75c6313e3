//! Networks whose proxies are believed when they say for whom they ask.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use ipnet::IpNet;
use poem::http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Networks in CIDR notation, separated by commas; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Arc<[IpNet]>);

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let networks = named.map(|name| {
            let network = name
                .parse()
                .or_else(|_| name.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("`{name}` is no network, for example 10.0.0.0/8"))
        });
        networks.collect::<Result<_, _>>().map(Self)
    }
}

impl Networks {
    /// The address of the client behind `peer`: while the last hop is one of ours, the one before it
    /// as `X-Forwarded-For` names it. Whatever stands further left may be invented.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let values = headers.get_all(FORWARDED_FOR).iter();
        let hops: Vec<&str> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut hops = hops.into_iter().rev();
        while self.contain(client) {
            let Some(before) = hops.next().and_then(address) else {
                break;
            };
            client = before;
        }
        client
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it, perhaps with a port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
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
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let networks: Networks = trusted.parse().unwrap();
        networks.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn without_trusted_networks_the_peer_is_the_client() {
        assert_eq!(client("", "10.0.0.1", &["203.0.113.9"]), "10.0.0.1");
        assert_eq!(client("", "::ffff:10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn the_rightmost_hop_that_is_not_ours_is_the_client() {
        let ours = "10.0.0.0/8, fd00::/8";
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
            assert_eq!(client(ours, "10.0.0.1", forwarded), expected);
        }
        assert_eq!(client(ours, "192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
    }

    #[test]
    fn what_is_no_network_is_refused_by_name() {
        assert!(
            "10.0.0.0/8,nonsense"
                .parse::<Networks>()
                .unwrap_err()
                .contains("nonsense")
        );
        assert_eq!("10.0.0.1".parse::<Networks>(), "10.0.0.1/32".parse());
    }
}
