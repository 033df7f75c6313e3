//! OpenAPI documents, and what they say about routes and headers.

mod document;
mod documented_header;
mod documented_routes;

pub use document::{described, openapi_document};
pub use documented_header::text_header;
pub(crate) use documented_routes::DocumentedRoutes;
