//! CORS (WHATWG Fetch, 3.3): lets pages of other origins read the responses of an API.
//!
//! Hand-written: poem's `Cors` rejects every request of an unknown origin, beacons included, and tower-http's layer does
//! not accept poem's requests.

use std::sync::Arc;

use poem::{
    Endpoint, IntoResponse, Request, Response, Result,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
};

use crate::problem::Problem;

/// The time for which browsers cache a preflight response, in seconds.
const MAX_AGE: u32 = 7_200;

/// The rights of the pages of an allowed origin.
#[derive(Debug)]
pub struct CorsRules {
    /// Returns whether the rules are for a path.
    pub is_for_path: fn(&str) -> bool,
    /// The methods that need a preflight request.
    pub methods: &'static str,
    /// The request headers that need one.
    pub request_headers: &'static str,
    /// The response headers that scripts may read.
    pub exposed_headers: &'static str,
    /// Whether browsers may send cookies.
    pub allows_cookies: bool,
    /// The message of the problem of an origin that is not allowed.
    pub refusal: &'static str,
}

/// Responds to preflight requests, and allows pages of the origins for which `is_allowed` to read the responses of
/// `endpoint`.
///
/// # Errors
/// Returns the errors of `endpoint`.
pub async fn cors<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    request: Request,
    rules: &'static CorsRules,
    is_allowed: impl Fn(&str) -> bool,
) -> Result<Response> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let (Some(origin), true) = (origin, (rules.is_for_path)(request.uri().path())) else {
        return endpoint.call(request).await;
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let is_allowed = origin.to_str().is_ok_and(is_allowed);
    let mut response = match (is_preflight, is_allowed) {
        (true, true) => preflight(rules),
        (true, false) => unknown_origin(rules.refusal).into_response(),
        (false, _) => endpoint.call(request).await?,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if is_allowed {
        let mut allow = |name: HeaderName, value| headers.insert(name, value);
        allow(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(rules.exposed_headers);
        allow(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        if rules.allows_cookies {
            let allowed = HeaderValue::from_static("true");
            allow(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, allowed);
        }
    }
    Ok(response)
}

fn preflight(rules: &CorsRules) -> Response {
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, rules.methods)
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, rules.request_headers)
        .header(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE)
        .finish()
}

/// Returns the problem of a request from an origin that is not allowed.
#[must_use]
pub fn unknown_origin(message: &str) -> Problem {
    Problem::for_field(
        StatusCode::FORBIDDEN,
        "unknown_origin",
        "Unknown origin",
        "Origin",
        message,
    )
}
