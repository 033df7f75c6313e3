//! HTTP: the tracking API, the write keys, CORS and the checks of `/readyz`.

mod batch_body;
pub mod cors;
mod document;
mod examples;
mod problems;
pub mod readiness;
mod receipts;
pub mod sender;
mod track;
mod track_batch;
pub mod track_pipeline;
pub mod track_request;
mod track_script;
mod write_keys;

use poem_openapi::OpenApiService;

use track::TrackApi;
use track_batch::BatchApi;
use track_script::ScriptApi;
use write_keys::handler::WriteKeyApi;

/// The API with its OpenAPI document. It has no state, so that the document can be printed without a
/// database.
pub fn api() -> OpenApiService<(TrackApi, BatchApi, ScriptApi, WriteKeyApi), ()> {
    OpenApiService::new(
        (TrackApi, BatchApi, ScriptApi, WriteKeyApi),
        "Analytics Service: ingest",
        env!("CARGO_PKG_VERSION"),
    )
    .description(include_str!("document/description.md"))
    .license(poem_openapi::LicenseObject::new("MIT OR Apache-2.0"))
    .server(poem_openapi::ServerObject::new("/"))
}
