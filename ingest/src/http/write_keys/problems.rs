//! The problems of the write key endpoints.

use analytics_shared::problem::{DocumentedProblems, Problem};
use poem::http::StatusCode;

const UNAUTHORIZED: (u16, &str) = (401, "A token is required, or the token is not valid.");
const MISSING_ROLE: (u16, &str) = (403, "The token does not have the role `SERVICE`.");
const INTERNAL: (u16, &str) = (500, "Internal server error.");
const UNAVAILABLE: (u16, &str) = (
    503,
    "The database is unavailable; retry after `Retry-After` seconds.",
);

/// The problems of creating a key.
pub struct CreateProblems;

/// The problems of listing keys.
pub struct ListProblems;

/// The problems of revoking a key.
pub struct RevokeProblems;

impl DocumentedProblems for CreateProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The body is not JSON."),
        UNAUTHORIZED,
        MISSING_ROLE,
        (408, "The body did not arrive in time."),
        (409, "There are too many active keys."),
        (413, "The body exceeds 1 MiB."),
        (415, "The `Content-Type` is not `application/json`."),
        (
            422,
            "A field is missing, unknown or invalid; `errors` names it.",
        ),
        INTERNAL,
        UNAVAILABLE,
    ];
}

impl DocumentedProblems for ListProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "`tenantId` is malformed; `errors` names it."),
        UNAUTHORIZED,
        MISSING_ROLE,
        INTERNAL,
        UNAVAILABLE,
    ];
}

impl DocumentedProblems for RevokeProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        UNAUTHORIZED,
        MISSING_ROLE,
        (404, "There is no such key."),
        INTERNAL,
        UNAVAILABLE,
    ];
}

/// The tenant, or the process, has too many active keys.
pub fn too_many_keys() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "too_many_write_keys",
        "Too many write keys",
        "revoke a key of the tenant before creating another",
    )
}

/// There is no key with the id.
pub fn unknown_key() -> Problem {
    Problem::not_found("unknown_write_key", "there is no such write key")
}
