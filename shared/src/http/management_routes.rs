//! The routes of the management listener: probes and metrics.

use std::future;

use metrics_exporter_prometheus::PrometheusHandle;
use poem::{
    Endpoint, EndpointExt, IntoResponse, Response, Route, get, handler, http::StatusCode,
    middleware::AddData, web::Data,
};

use super::{openapi::AllowedMethods, routes::error_response};
use crate::lifecycle::health::ReadinessMonitor;

/// The state of the routes.
#[derive(Clone)]
struct ManagementState {
    readiness: ReadinessMonitor,
    metrics: PrometheusHandle,
}

/// Serves `/livez`, `/readyz` and `/metrics`.
#[must_use]
pub fn management_routes(
    readiness: ReadinessMonitor,
    metrics: PrometheusHandle,
) -> impl Endpoint<Output = Response> {
    let allowed = AllowedMethods::default();
    Route::new()
        .at("/livez", get(live))
        .at("/readyz", get(ready))
        .at("/metrics", get(metrics_text))
        .with(AddData::new(ManagementState { readiness, metrics }))
        .catch_all_error(move |error| future::ready(error_response(error, &allowed)))
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
    Response::builder()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(state.metrics.render())
}
