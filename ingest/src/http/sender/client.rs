//! The client of a request: its address, user agent, and the signals of its headers.

use analytics_shared::http::ClientAddress;
use poem::{
    FromRequest, Request, RequestBody, Result,
    http::{HeaderMap, header},
};

use crate::enrich::client::Client;

/// The headers by which browsers and proxies declare a prefetch.
const PREFETCH_HEADERS: [&str; 3] = ["sec-purpose", "purpose", "x-moz"];
/// The headers of Global Privacy Control and Do Not Track.
const DO_NOT_TRACK_HEADERS: [&str; 2] = ["sec-gpc", "dnt"];

/// The client of a request.
pub struct RequestClient(pub Client);

impl<'a> FromRequest<'a> for RequestClient {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let headers = request.headers();
        let address = request.data::<ClientAddress>().map(|address| address.0);
        let user_agent = headers.get(header::USER_AGENT);
        let user_agent = user_agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        let do_not_track = DO_NOT_TRACK_HEADERS
            .iter()
            .any(|name| headers.get(*name).is_some_and(|value| value == "1"));
        let client = Client::new(
            address,
            user_agent.as_deref(),
            is_prefetch(headers),
            do_not_track,
        );
        let origin = headers.get(header::ORIGIN).and_then(|it| it.to_str().ok());
        Ok(Self(match origin {
            Some(origin) => client.on_page_of(origin),
            None => client,
        }))
    }
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    PREFETCH_HEADERS
        .iter()
        .flat_map(|name| headers.get_all(*name))
        .filter_map(|value| value.to_str().ok())
        // For example `Sec-Purpose: prefetch;prerender`.
        .flat_map(|value| value.split([';', ',']))
        .any(|purpose| purpose.trim().eq_ignore_ascii_case("prefetch"))
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_prefetch_is_declared_by_one_of_three_headers() {
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
