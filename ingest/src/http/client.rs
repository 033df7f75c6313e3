//! What a request tells about the browser or program behind it.

use poem::{
    FromRequest, Request, RequestBody, Result,
    http::{HeaderMap, header},
};

use super::intake::IngestState;
use crate::enrich::Client;

/// Headers of browsers and proxies that fetch a page which nobody looks at yet.
const PREFETCH: [&str; 3] = ["sec-purpose", "purpose", "x-moz"];
/// Headers of people who do not want to be followed.
const DECLINES: [&str; 2] = ["sec-gpc", "dnt"];

/// The client of a request.
pub struct ClientOf(pub Client);

impl<'a> FromRequest<'a> for ClientOf {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let headers = request.headers();
        let peer = request.remote_addr().as_socket_addr();
        let state = request.data::<IngestState>();
        let address = peer.zip(state).map(|(peer, state)| {
            // Not what the last proxy says of itself, but for whom it asks.
            state.trusted.client(peer.ip(), headers)
        });
        let user_agent = headers.get(header::USER_AGENT);
        let user_agent = user_agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        Ok(Self(Client::new(
            address,
            user_agent.as_deref(),
            is_prefetch(headers),
            DECLINES
                .iter()
                .any(|name| headers.get(*name).is_some_and(|value| value == "1")),
        )))
    }
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    let values = PREFETCH.iter().flat_map(|name| headers.get_all(*name));
    values.filter_map(|value| value.to_str().ok()).any(|value| {
        // `Sec-Purpose: prefetch;prerender`
        let purposes = value.split([';', ',']).map(str::trim);
        purposes
            .into_iter()
            .any(|purpose| purpose.eq_ignore_ascii_case("prefetch"))
    })
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_prefetch_says_so_in_one_of_three_headers() {
        for (name, value, expected) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("purpose", "Prefetch", true),
            ("x-moz", "prefetch", true),
            ("purpose", "preview", false),
            ("x-purpose", "prefetch", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
            assert_eq!(is_prefetch(&headers), expected, "{name}: {value}");
        }
    }
}
