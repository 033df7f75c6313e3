//! The HTTP way in.

mod refused;
mod track;

use poem_openapi::OpenApiService;

pub use track::{IngestState, TrackApi};

/// The API with its document; it needs no state, so that the document can be printed anywhere.
#[must_use]
pub fn api() -> OpenApiService<TrackApi, ()> {
    OpenApiService::new(
        TrackApi,
        "Analytics Service: ingest",
        env!("CARGO_PKG_VERSION"),
    )
    .description(include_str!("description.md"))
    .license(poem_openapi::LicenseObject::new("MIT OR Apache-2.0"))
    .server(poem_openapi::ServerObject::new("/"))
}
