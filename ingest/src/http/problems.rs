//! The problems of the tracking endpoints.

use analytics_shared::problem::{DocumentedProblems, Problem};
use poem::http::StatusCode;

use crate::{
    enrich::error::FactError,
    metrics::{self, Transport},
    store::error::StoreError,
};

/// The number of seconds after which a producer should try again.
pub const RETRY_AFTER: u32 = 2;

/// The problems of `POST /track`.
pub struct TrackProblems;

/// The problems of `POST /track/batch` as a whole.
pub struct BatchProblems;

const MALFORMED: (u16, &str) = (
    400,
    "The body is not JSON, or does not match its `Content-Encoding`.",
);
const TIMEOUT: (u16, &str) = (408, "The body did not arrive in time.");
const RATE_LIMITED: (u16, &str) = (
    429,
    "Too many requests of this client address, tenant or write key (`rate_limited`; `RateLimit-Policy` has \
     the limit), or the event has used up its daily quota for facts without a token \
     (`event_quota_exceeded`). Retry after `Retry-After` seconds.",
);
const INTERNAL: (u16, &str) = (500, "Internal server error.");

impl DocumentedProblems for TrackProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        MALFORMED,
        (
            401,
            "A token or a write key is required (`unauthorized`, `write_key_required`), or not valid \
             (`unauthorized`, `invalid_write_key`).",
        ),
        (
            403,
            "The token has no role that may send this event type (`missing_role`), or does not permit this \
             tenant or user (`forbidden_field`); or the write key is not for pages of this origin \
             (`unknown_origin`).",
        ),
        (
            404,
            "The tenant of the write key has not registered the event.",
        ),
        TIMEOUT,
        (
            413,
            "The body exceeds 1 MiB, before or after decompression.",
        ),
        (
            415,
            "The `Content-Type` is not `application/json` (or `text/plain`, from browsers), or the \
             `Content-Encoding` is none of gzip, deflate, br and zstd.",
        ),
        (
            422,
            "A field is missing, unknown or invalid; `errors` names it.",
        ),
        RATE_LIMITED,
        INTERNAL,
        (
            503,
            "The fact is not stored, or the service is overloaded (`overloaded`). Send the same fact again \
             after `Retry-After` seconds.",
        ),
    ];
}

impl DocumentedProblems for BatchProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        MALFORMED,
        (
            401,
            "The token or the write key is not valid, or neither is sent and one is required.",
        ),
        (
            403,
            "The write key is not for pages of this origin (`unknown_origin`).",
        ),
        TIMEOUT,
        (
            413,
            "The body exceeds 5 MiB, before or after decompression.",
        ),
        (
            415,
            "The `Content-Type` is not `application/json` or `application/x-ndjson` (or `text/plain`, \
             from browsers), or the `Content-Encoding` is none of gzip, deflate, br and zstd.",
        ),
        (
            422,
            "The body is not an array, or contains more than 1,000 facts.",
        ),
        RATE_LIMITED,
        INTERNAL,
    ];
}

impl From<FactError> for Problem {
    fn from(error: FactError) -> Self {
        metrics::rejected(Transport::Http, error.reason());
        match error {
            FactError::Invalid { field, message } => Self::invalid(field, message),
            FactError::Unauthenticated(detail) => Self::unauthorized(detail),
            FactError::MissingRole => Self::new(
                StatusCode::FORBIDDEN,
                "missing_role",
                "Not allowed",
                error.to_string(),
            ),
            FactError::Forbidden(_) => Self::new(
                StatusCode::FORBIDDEN,
                "forbidden_field",
                "Not allowed",
                error.to_string(),
            ),
            FactError::UnknownEvent => Self::not_found("unknown_event", error.to_string()),
            FactError::QuotaExceeded(wait) => {
                let seconds = u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX);
                Self::event_quota_exceeded(error.to_string(), seconds)
            }
            FactError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Contended(_) => not_stored(),
            StoreError::InvalidData(_) => Self::invalid("body", "the database rejects a value"),
            StoreError::Internal(_) => {
                tracing::error!(%error, "look-up failed");
                Self::internal()
            }
        }
    }
}

/// The fact is not stored because the database is unavailable.
pub fn not_stored() -> Problem {
    Problem::unavailable(
        "the fact is not stored; send it again with the same id",
        RETRY_AFTER,
    )
}
