//! The middleware of both tiers: request ids, spans, the check of `Host`, metrics, the audit log and the headers of
//! every response.

use std::{sync::Arc, time::Instant};

use poem::{
    Endpoint, IntoResponse, PathPattern, Request, Response, Result,
    http::{HeaderValue, StatusCode, Version, header},
};
use tracing::Instrument;

use super::{audit::AuditedRequest, response_headers::add_defaults};
use crate::{
    problem::Problem,
    telemetry::{REQUEST_ID, RequestContext, http_metrics, traces::RequestSpan},
};

/// The name of a route that does not exist.
const UNKNOWN_ROUTE: &str = "unknown";

/// Passes a request to `endpoint`, in its context.
pub(super) async fn in_context<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    request: Request,
) -> Result<Response> {
    let started = Instant::now();
    let method = standard_method(request.method().as_str());
    let _in_flight = http_metrics::request_in_flight();
    let context = Arc::new(RequestContext::new(request.headers()));
    let span = RequestSpan::start(&request, method);
    let method = method.unwrap_or("other");
    let responding = async {
        let response = if is_host_valid(&request) {
            endpoint.get_response(request).await
        } else {
            invalid_host().into_response()
        };
        let audited = AuditedRequest {
            caller: context.caller(),
            method,
            route: route(&response),
            status: response.status(),
        };
        audited.log();
        response
    };
    let responding = Arc::clone(&context).scope(responding);
    let mut response = responding.instrument(span.span()).await;

    let status = response.status();
    http_metrics::request_duration(route(&response), method, status.as_str())
        .record(started.elapsed());
    let route = Some(route(&response)).filter(|&route| route != UNKNOWN_ROUTE);
    span.finish(route, status);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(context.id()) {
        headers.insert(REQUEST_ID, id);
    }
    add_defaults(headers);
    Ok(response)
}

/// Returns the pattern of the path, not the path: a label must not have a value for every event.
fn route(response: &Response) -> &str {
    let pattern = response.data::<PathPattern>();
    pattern.map_or(UNKNOWN_ROUTE, |pattern| &pattern.0)
}

/// Returns whether the request has the header `Host` as RFC 9112, section 3.2 requires: exactly once, in
/// HTTP/1.0 at most once. HTTP/2 has the host in `:authority`.
fn is_host_valid(request: &Request) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() != Version::HTTP_11)
}

fn invalid_host() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "bad_request",
        "Bad request",
        "Host: send this header exactly once",
    )
}

/// Returns the method if it is a standard one: clients may send any text as the method.
pub(super) fn standard_method(method: &str) -> Option<&'static str> {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method)
}
