//! How the API says no.

use analytics_shared::problem::{Problem, Refusals};
use poem::http::StatusCode;

use crate::{
    enrich::Refusal,
    metrics::{self, Way},
    store::StoreError,
};

/// Seconds after which a producer should try again.
const RETRY_AFTER: u32 = 2;

/// The failures of `POST /track`.
pub struct Tracking;

impl Refusals for Tracking {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The body is not JSON."),
        (401, "A token is needed, or the token is not valid."),
        (403, "The token may not name this tenant or user."),
        (404, "The event belongs to another tenant."),
        (408, "The body did not arrive in time."),
        (413, "The body is larger than 1 MiB."),
        (415, "The body is not declared as `application/json`."),
        (
            422,
            "A field is missing, unknown, or cannot be accepted; `errors` names it.",
        ),
        (500, "A failure of the service; it has been logged."),
        (
            503,
            "Not stored for now. Send the same again after `Retry-After` seconds.",
        ),
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
