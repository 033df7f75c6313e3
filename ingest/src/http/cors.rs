//! CORS: lets pages of other origins send facts with `fetch`. `navigator.sendBeacon` with a text body
//! needs no CORS and works from every origin. The origins are those of the configuration and of all active
//! write keys; the request itself checks the origins of its own key.
//!
//! Hand-written: poem's `Cors` rejects every request of an unknown origin, beacons included, and
//! tower-http's layer does not accept poem's requests.

use std::sync::Arc;

use analytics_shared::{config::Origins, problem::Problem};
use poem::{
    Endpoint, IntoResponse, Request, Response, Result,
    http::{HeaderValue, Method, StatusCode, header},
};

use crate::store::lookup::write_keys::WriteKeys;

/// The path of the tracking endpoints.
const TRACK_PATH: &str = "/api/v1/analytics/track";
/// The request headers that a page may send.
const ALLOWED_HEADERS: &str = "authorization, content-type, content-encoding";
/// The time for which browsers cache a preflight response, in seconds.
const MAX_AGE: u32 = 7_200;

/// The origins whose pages may read responses.
#[derive(Clone)]
pub struct CorsOrigins {
    /// The origins of the configuration.
    pub configured: Origins,
    /// The write keys, each with its own.
    pub write_keys: WriteKeys,
}

impl CorsOrigins {
    fn contains(&self, origin: &HeaderValue) -> bool {
        let is_known =
            |origin: &str| self.configured.contains(origin) || self.write_keys.name_origin(origin);
        origin.to_str().is_ok_and(is_known)
    }
}

/// Responds to preflight requests, and allows pages of `origins` to read the responses of `endpoint`.
pub async fn cors<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    request: Request,
    origins: CorsOrigins,
) -> Result<Response> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let (Some(origin), true) = (origin, is_track_path(request.uri().path())) else {
        return endpoint.call(request).await;
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let is_allowed = origins.contains(&origin);
    let mut response = match (is_preflight, is_allowed) {
        (true, true) => preflight(),
        (true, false) => {
            unknown_origin("this origin is neither in CORS_ALLOWED_ORIGINS nor that of a write key")
                .into_response()
        }
        (false, _) => endpoint.call(request).await?,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if is_allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for (name, value) in [
            // `sendBeacon` always sends cookies, which the service ignores.
            (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
            (
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                "retry-after, ratelimit, ratelimit-policy, x-request-id",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    Ok(response)
}

fn is_track_path(path: &str) -> bool {
    let rest = path.strip_prefix(TRACK_PATH);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn preflight() -> Response {
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, "POST")
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS)
        .header(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE)
        .finish()
}

/// The problem of a request from an origin that is not allowed.
pub fn unknown_origin(message: &str) -> Problem {
    Problem::for_field(
        StatusCode::FORBIDDEN,
        "unknown_origin",
        "Unknown origin",
        "Origin",
        message,
    )
}
