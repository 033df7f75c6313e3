//! The routes of the management listener: probes and metrics.

use std::future;

use futures_util::FutureExt;
use poem::{
    Endpoint, EndpointExt, IntoResponse, Response, Route, get, handler, http::StatusCode,
    middleware::AddData, web::Data,
};

use super::{openapi::DocumentedRoutes, routes::error_response};
use crate::{
    lifecycle::{health::ReadinessMonitor, readiness_metrics},
    telemetry::Metrics,
};

/// The state of the routes.
#[derive(Clone)]
struct ManagementState {
    readiness: ReadinessMonitor,
    metrics: Metrics,
}

/// Serves `/livez`, `/readyz` and `/metrics`.
#[must_use]
pub fn management_routes(
    readiness: ReadinessMonitor,
    metrics: Metrics,
) -> impl Endpoint<Output = Response> {
    readiness_metrics::describe();
    let documented = DocumentedRoutes::default();
    Route::new()
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
async fn ready(Data(state): Data<&ManagementState>) -> Response {
    let report = state.readiness.report().await;
    let status = if report.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    poem::web::Json(report).with_status(status).into_response()
}

#[handler]
fn metrics_text(Data(state): Data<&ManagementState>) -> Response {
    // Before the first report there is nothing to wait for.
    if let Some(report) = state.readiness.report().now_or_never() {
        readiness_metrics::record(&report);
    }
    Response::builder()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(state.metrics.render())
}
