//! The documented problems of sessions.

use analytics_shared::problem::DocumentedProblems;

const RATE_LIMITED: (u16, &str) = (
    429,
    "The client address sends too many requests (`rate_limited`); `Retry-After` has the time to wait.",
);
const INTERNAL: (u16, &str) = (500, "Internal server error.");

/// Problems of signing in.
pub struct SignInProblems;

impl DocumentedProblems for SignInProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (401, "The token is invalid."),
        (408, "The body did not arrive in time."),
        (413, "The body is larger than 64 KiB."),
        (415, "The body is not `application/x-www-form-urlencoded`."),
        (
            422,
            "A field is missing, unknown or invalid; `errors` names it.",
        ),
        RATE_LIMITED,
        INTERNAL,
        (
            503,
            "The keys of the issuer of tokens have not been loaded, or the service is overloaded; `Retry-After` has \
             the time to wait.",
        ),
    ];
}

/// Problems of signing out.
pub struct SignOutProblems;

impl DocumentedProblems for SignOutProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (
            403,
            "The request is not from a page of the same origin (`cross_origin`).",
        ),
        RATE_LIMITED,
        INTERNAL,
    ];
}

/// Problems of reading the caller.
pub struct CallerProblems;

impl DocumentedProblems for CallerProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (
            401,
            "The token or session is missing or invalid, or the share link of the token has expired or is revoked \
             (`invalid_link`).",
        ),
        RATE_LIMITED,
        INTERNAL,
        (
            503,
            "The database is unavailable, so that the share link of the token cannot be looked up.",
        ),
    ];
}
