//! The routes of the management listener: probes, metrics and the log filter.

use std::future;

use poem::{
    Endpoint, EndpointExt, IntoResponse, Response, Route, get, handler, http::StatusCode,
    middleware::AddData, web::Data,
};

use super::{log_filter::log_filter_methods, openapi::DocumentedRoutes, routes::error_response};
use crate::{
    lifecycle::{health::ReadinessMonitor, readiness_metrics},
    telemetry::Metrics,
};

/// The only route with more methods than GET, as in an OpenAPI document.
const LOG_FILTER_METHODS: &str =
    r#"{"paths": {"/log-filter": {"get": {}, "put": {}, "delete": {}}}}"#;

/// The state of the routes.
#[derive(Clone)]
struct ManagementState {
    readiness: ReadinessMonitor,
    metrics: Metrics,
}

/// Serves `/livez`, `/readyz`, `/metrics` and `/log-filter`.
#[must_use]
pub fn management_routes(
    readiness: ReadinessMonitor,
    metrics: Metrics,
) -> impl Endpoint<Output = Response> {
    readiness_metrics::describe();
    let documented = DocumentedRoutes::from_openapi(LOG_FILTER_METHODS);
    Route::new()
        .at("/log-filter", log_filter_methods())
        .at("/livez", get(live))
        .at("/readyz", get(ready))
        .at("/metrics", get(metrics_text))
        .with(AddData::new(ManagementState { readiness, metrics }))
        .catch_all_error(move |error| future::ready(error_response(error, &documented)))
        .map_to_response()
}

#[handler]
fn live() -> &'static str {
    "alive\n"
}

#[handler]
fn ready(Data(state): Data<&ManagementState>) -> Response {
    let report = state.readiness.report();
    let status = if report.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    poem::web::Json(report).with_status(status).into_response()
}

#[handler]
fn metrics_text(Data(state): Data<&ManagementState>) -> Response {
    readiness_metrics::record(&state.readiness.report());
    Response::builder()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(state.metrics.render())
}
