//! The span of an HTTP request, by the semantic conventions for HTTP servers. It has neither the path nor the query,
//! the address or the user agent, which may identify a person.

use opentelemetry::{
    KeyValue,
    trace::{Status, TraceContextExt},
};
use poem::{
    Request,
    http::{HeaderMap, StatusCode, Version},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    SPAN_TARGET,
    propagation::{TRACE_PARENT, TRACE_STATE, extract},
};

/// The span of a request, which is begun before its route is known.
pub(crate) struct RequestSpan {
    span: Span,
    method: &'static str,
}

impl RequestSpan {
    /// Begins the span of a request below that of its client. `method` is a standard one, or `None`.
    pub(crate) fn start(request: &Request, method: Option<&'static str>) -> Self {
        let method = method.unwrap_or("_OTHER");
        let span = tracing::info_span!(
            target: SPAN_TARGET,
            "HTTP",
            otel.kind = "server",
            http.request.method = method,
            network.protocol.version = protocol_version(request.version()),
            url.scheme = "http",
        );
        if !span.is_disabled() {
            // Fails only if the span has been entered.
            let _ = span.set_parent(caller(request.headers()));
        }
        Self { span, method }
    }

    /// Returns the span, in which the request is processed.
    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    /// Ends the span of a request with this route, if there is one, and status.
    pub(crate) fn finish(self, route: Option<&str>, status: StatusCode) {
        if self.span.is_disabled() {
            return;
        }
        let context = self.span.context();
        let span = context.span();
        let status_code = i64::from(status.as_u16());
        span.set_attribute(KeyValue::new("http.response.status_code", status_code));
        let method = if self.method == "_OTHER" {
            "HTTP"
        } else {
            self.method
        };
        // Values in the path are replaced by the names of their parameters.
        let path = route.unwrap_or("REDACTED").to_owned();
        span.set_attribute(KeyValue::new("url.path", path.clone()));
        if route.is_some() {
            span.update_name(format!("{method} {path}"));
            span.set_attribute(KeyValue::new("http.route", path));
        } else {
            span.update_name(method);
        }
        if status.is_server_error() {
            span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
            span.set_status(Status::error(""));
        }
    }
}

/// The context in the headers of a request. A header that occurs twice is not valid.
fn caller(headers: &HeaderMap) -> opentelemetry::Context {
    let only = |name| {
        let mut values = headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    };
    extract(only(TRACE_PARENT), only(TRACE_STATE))
}

fn protocol_version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}
