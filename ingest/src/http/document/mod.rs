//! The description and the tags of the OpenAPI document.

use poem_openapi::Tags;

/// The tags of the OpenAPI document.
#[derive(Tags)]
pub enum Tag {
    /// Sending facts.
    Tracking,
    /// The write keys of event pages.
    #[oai(rename = "Write keys")]
    WriteKeys,
}
