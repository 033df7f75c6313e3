//! OpenAPI documents, and what they say about methods and headers.

mod allowed_methods;
mod document;
mod documented_header;

pub(super) use allowed_methods::AllowedMethods;
pub use document::{described, openapi_document};
pub use documented_header::text_header;
