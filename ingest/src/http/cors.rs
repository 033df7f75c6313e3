//! The rules of CORS: pages of other origins send facts with `fetch`. `navigator.sendBeacon` with a text body
//! needs no CORS and works from every origin. The origins are those of the configuration and of all active
//! write keys; the request itself checks the origins of its own key.

use analytics_shared::{config::Origins, http::CorsRules};

use crate::store::lookup::write_keys::WriteKeys;

/// The path of the tracking endpoints.
const TRACK_PATH: &str = "/api/v1/analytics/track";

/// The rules of the tracking endpoints. `sendBeacon` always sends cookies, which the service ignores.
pub const CORS_RULES: CorsRules = CorsRules {
    is_for_path: is_track_path,
    methods: "POST",
    request_headers: "authorization, content-type, content-encoding",
    exposed_headers: "retry-after, ratelimit, ratelimit-policy, x-request-id",
    allows_cookies: true,
    refusal: "this origin is neither in CORS_ALLOWED_ORIGINS nor that of a write key",
};

/// The origins whose pages may read responses.
#[derive(Clone)]
pub struct CorsOrigins {
    /// The origins of the configuration.
    pub configured: Origins,
    /// The write keys, each with its own.
    pub write_keys: WriteKeys,
}

impl CorsOrigins {
    /// Returns whether an origin, in the form that browsers send, is one of them.
    pub fn contains(&self, origin: &str) -> bool {
        self.configured.contains(origin) || self.write_keys.name_origin(origin)
    }
}

fn is_track_path(path: &str) -> bool {
    let rest = path.strip_prefix(TRACK_PATH);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
