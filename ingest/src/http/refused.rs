//! How the API says no.

use analytics_shared::problem::{DocumentedProblems, Problem};
use poem::http::StatusCode;

use crate::{
    enrich::Refusal,
    metrics::{self, Way},
    store::StoreError,
};

/// Seconds after which a producer should try again.
pub const RETRY_AFTER: u32 = 2;

/// The failures of `POST /track`.
pub struct Tracking;

/// The failures of `POST /track/batch` as a whole.
pub struct Batching;

const UNREADABLE: (u16, &str) = (
    400,
    "The body is not JSON, or is not compressed as it says.",
);
const UNAUTHORIZED: (u16, &str) = (401, "A token is needed, or the token is not valid.");
const SLOW: (u16, &str) = (408, "The body did not arrive in time.");
const BROKEN: (u16, &str) = (500, "A failure of the service; it has been logged.");

impl DocumentedProblems for Tracking {
    const STATUSES: &'static [(u16, &'static str)] = &[
        UNREADABLE,
        UNAUTHORIZED,
        (403, "The token may not name this tenant or user."),
        (404, "The event belongs to another tenant."),
        SLOW,
        (
            413,
            "The body is larger than 1 MiB, perhaps after decompression.",
        ),
        (
            415,
            "The body is not declared as `application/json` (or `text/plain`, from a browser), or is \
             in an encoding other than gzip, deflate, br and zstd.",
        ),
        (
            422,
            "A field is missing, unknown, or cannot be accepted; `errors` names it.",
        ),
        BROKEN,
        (
            503,
            "Not stored for now, or too much is sent at once (`overloaded`). Send the same again after \
             `Retry-After` seconds.",
        ),
    ];
}

impl DocumentedProblems for Batching {
    const STATUSES: &'static [(u16, &'static str)] = &[
        UNREADABLE,
        (401, "The token is not valid."),
        SLOW,
        (
            413,
            "The body is larger than 5 MiB, perhaps after decompression.",
        ),
        (
            415,
            "The body is not declared as `application/json`, `application/x-ndjson` (or `text/plain`, \
             from a browser), or is in an encoding other than gzip, deflate, br and zstd.",
        ),
        (
            422,
            "The body is not an array, or holds more than 1,000 facts.",
        ),
        BROKEN,
    ];
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        metrics::refused(Way::Http, refusal.reason());
        match refusal {
            Refusal::Invalid { field, message } => Self::invalid(field, message),
            Refusal::TokenNeeded(detail) => Self::unauthorized(detail),
            Refusal::NotYours(_) => {
                let status = StatusCode::FORBIDDEN;
                Self::new(
                    status,
                    "forbidden_field",
                    "Not allowed",
                    refusal.to_string(),
                )
            }
            Refusal::UnknownEvent => Self::not_found("unknown_event", refusal.to_string()),
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Contended(_) => not_stored(),
            StoreError::RefusedValues(_) => Self::invalid("body", "the database refuses a value"),
            StoreError::Broken(_) => {
                tracing::error!(%error, "looking up failed");
                Self::internal()
            }
        }
    }
}

/// The database does not answer: nothing is known to be stored.
#[must_use]
pub fn not_stored() -> Problem {
    Problem::unavailable(
        "the fact is not stored for now; send it again, with the same id",
        RETRY_AFTER,
    )
}
