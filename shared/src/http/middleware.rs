//! The middleware of both tiers: request ids, the check of `Host`, metrics, the audit log and the headers of
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
    telemetry::{REQUEST_ID, RequestContext, http_metrics},
};

/// Passes a request to `endpoint`, in its context.
pub(super) async fn in_context<E: Endpoint<Output = Response>>(
    endpoint: Arc<E>,
    request: Request,
) -> Result<Response> {
    let (started, method) = (Instant::now(), method_label(request.method().as_str()));
    let _in_flight = http_metrics::request_in_flight();
    let context = Arc::new(RequestContext::new(request.headers()));
    // At the highest level, so that no filter removes the id from the lines that it lets pass.
    let span = tracing::error_span!("request", id = context.id());
    let responding = async {
        if is_host_valid(&request) {
            endpoint.get_response(request).await
        } else {
            invalid_host().into_response()
        }
    };
    let responding = Arc::clone(&context).scope(responding);
    let mut response = responding.instrument(span.clone()).await;

    let status = response.status();
    // The pattern, not the path: a label must not have a value for every event.
    let pattern = response.data::<PathPattern>();
    let route = pattern.map_or("unknown", |pattern| &pattern.0);
    http_metrics::request_duration(route, method, status.as_str()).record(started.elapsed());
    span.in_scope(|| {
        let caller = context.caller();
        let request = AuditedRequest {
            caller,
            method,
            route,
            status,
        };
        request.log();
    });
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(context.id()) {
        headers.insert(REQUEST_ID, id);
    }
    add_defaults(headers);
    Ok(response)
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

/// Returns a standard method, or `other`: clients may send any text as the method.
pub(super) fn method_label(method: &str) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}
