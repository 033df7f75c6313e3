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

use analytics_shared::http::described;
use poem_openapi::OpenApiService;

use track::TrackApi;
use track_batch::BatchApi;
use track_script::ScriptApi;
use write_keys::handler::WriteKeyApi;

/// The API with its OpenAPI document. It has no state, so that the document can be printed without a
/// database.
pub fn api() -> OpenApiService<(TrackApi, BatchApi, ScriptApi, WriteKeyApi), ()> {
    let endpoints = (TrackApi, BatchApi, ScriptApi, WriteKeyApi);
    let version = env!("CARGO_PKG_VERSION");
    let api = OpenApiService::new(endpoints, "Analytics Service: ingest", version);
    described(api, include_str!("document/description.md"))
}
