//! The common path prefix, the tags and the rules of CORS of the endpoints.

use analytics_shared::http::CorsRules;
use poem_openapi::Tags;

/// Path prefix of all endpoints.
pub(super) const PREFIX: &str = "/api/v1/analytics";

/// The rules of CORS: pages of the configured origins read the API with a token. Cookies are not sent, so that no page of
/// another origin acts in the session of a browser.
pub(crate) const CORS_RULES: CorsRules = CorsRules {
    is_for_path: |path| {
        let rest = path.strip_prefix(PREFIX);
        rest.is_some_and(|rest| rest.starts_with('/'))
    },
    methods: "GET, POST, DELETE",
    request_headers: "authorization, content-type, content-encoding, if-none-match, last-event-id",
    exposed_headers: "content-disposition, etag, retry-after, ratelimit, ratelimit-policy, x-request-id",
    allows_cookies: false,
    refusal: "this origin is not in CORS_ALLOWED_ORIGINS",
};

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
