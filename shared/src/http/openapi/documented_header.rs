//! Headers of responses in OpenAPI documents, for responses that are documented by hand.

use poem_openapi::{registry::MetaHeader, types::Type};

/// Describes a header that every such response has.
#[must_use]
pub fn text_header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}
