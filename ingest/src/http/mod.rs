//! The HTTP way in.

mod batch;
mod batch_body;
mod caller;
mod client;
mod cors;
mod fact;
mod intake;
mod networks;
mod receipts;
mod refused;
mod track;

use poem_openapi::{OpenApiService, Tags};

pub use batch::BatchApi;
pub use cors::{Origins, cors};
pub use fact::TrackRequest;
pub use intake::IngestState;
pub use networks::Networks;
pub use track::TrackApi;

#[derive(Tags)]
enum Tag {
    /// Sending facts.
    Tracking,
}

/// The API with its document; it needs no state, so that the document can be printed anywhere.
#[must_use]
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
