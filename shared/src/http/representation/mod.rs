//! Representations of a resource (RFC 9110): content codings, entity tags, and documents that do not change.

mod coding;
mod etag;
mod static_document;

pub use coding::ContentCoding;
pub use etag::{listed_in_any_coding, of_coding};
pub use static_document::StaticDocument;
