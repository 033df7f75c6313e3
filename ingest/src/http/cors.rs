//! Which pages of other origins may send facts with all that `fetch` can do. `navigator.sendBeacon`
//! with a text asks nobody, so these headers are for everything else.

use std::{str::FromStr, sync::Arc};

use analytics_shared::problem::Problem;
use poem::{
    Endpoint, IntoResponse, Request, Response, Result,
    http::{HeaderValue, Method, StatusCode, header},
};

/// Where facts are sent to.
const TRACKING: &str = "/api/v1/analytics/track";
/// Headers that a page may send.
const HEADERS: &str = "authorization, content-type, content-encoding";
/// Seconds that a browser remembers the answer.
const MAX_AGE: u32 = 7_200;

/// Origins (`https://host`, perhaps with a port), separated by commas; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Arc<[HeaderValue]>);

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let origins = named.map(|name| {
            let url = url::Url::parse(name).ok();
            let origin = url.map(|url| url.origin().ascii_serialization());
            // As browsers write it: what differs would never match.
            origin
                .filter(|origin| origin == name && origin.starts_with("http"))
                .and_then(|origin| HeaderValue::from_str(&origin).ok())
                .ok_or_else(|| format!("`{name}` is no origin, for example https://example.org"))
        });
        origins.collect::<Result<_, _>>().map(Self)
    }
}

impl Origins {
    fn contain(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin)
    }
}

/// Answers what browsers ask before they send, and lets pages of `origins` read our answers.
///
/// # Errors
/// What `endpoint` fails with.
pub async fn cors<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    request: Request,
    origins: Origins,
) -> Result<Response> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let (Some(origin), true) = (origin, is_tracking(&request)) else {
        return endpoint.call(request).await;
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (is_preflight, origins.contain(&origin)) {
        (true, true) => preflight(),
        (true, false) => refused().into_response(),
        (false, _) => endpoint.call(request).await?,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if origins.contain(&origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        // `sendBeacon` always sends with cookies; we look at none.
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("retry-after"),
        );
    }
    Ok(response)
}

fn is_tracking(request: &Request) -> bool {
    let rest = request.uri().path().strip_prefix(TRACKING);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn preflight() -> Response {
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, "POST")
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS)
        .header(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE)
        .finish()
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "unknown_origin",
        "Unknown origin",
        "Origin: pages of this origin are not among CORS_ORIGINS",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_as_browsers_write_it() {
        let origins: Origins = "https://a.example, http://localhost:3000,".parse().unwrap();
        assert!(origins.contain(&HeaderValue::from_static("https://a.example")));
        assert!(origins.contain(&HeaderValue::from_static("http://localhost:3000")));
        assert!(!origins.contain(&HeaderValue::from_static("https://b.example")));
        assert_eq!("".parse(), Ok(Origins::default()));
        for wrong in [
            "*",
            "null",
            "https://a.example/",
            "https://A.example",
            "a.example",
        ] {
            assert!(wrong.parse::<Origins>().is_err(), "{wrong}");
        }
    }
}
