//! HTTP: the tracking API, CORS and the checks of `/readyz`.

mod batch_body;
mod caller;
mod client;
pub mod cors;
mod problems;
pub mod readiness;
mod receipts;
mod tags;
mod track;
mod track_batch;
pub mod track_pipeline;
pub mod track_request;
pub mod trusted_proxies;

use poem_openapi::OpenApiService;

use track::TrackApi;
use track_batch::BatchApi;

/// The API with its OpenAPI document. It has no state, so that the document can be printed without a
/// database.
pub fn api() -> OpenApiService<(TrackApi, BatchApi), ()> {
    OpenApiService::new(
        (TrackApi, BatchApi),
        "Analytics Service: ingest",
        env!("CARGO_PKG_VERSION"),
    )
    .description(include_str!("description.md"))
    .license(poem_openapi::LicenseObject::new("MIT OR Apache-2.0"))
    .server(poem_openapi::ServerObject::new("/"))
}
