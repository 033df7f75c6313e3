//! The common path prefix and the tags of the endpoints.

use poem_openapi::Tags;

/// Path prefix of all endpoints.
pub(super) const PREFIX: &str = "/api/v1/analytics";

/// Tags of the endpoints.
#[derive(Tags)]
pub(super) enum Tag {
    /// Metrics of events and organizations.
    Analytics,
    /// Facts, days and registrations as files.
    Export,
    /// The caller, and sessions of browsers.
    Session,
    /// Links that show figures of one event to people without an account.
    Sharing,
}
