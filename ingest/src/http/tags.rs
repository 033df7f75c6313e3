//! The tags of the OpenAPI document.

use poem_openapi::Tags;

/// The tags of the OpenAPI document.
#[derive(Tags)]
pub enum Tag {
    /// Sending facts.
    Tracking,
}
