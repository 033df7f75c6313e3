//! The failures that endpoints answer with.

use analytics_shared::{
    database::{self, Failure},
    problem::{Problem, Refusals},
};

use crate::{export::ExportError, store::StoreError};

/// Seconds after which a database that was away may be back.
const RETRY_AFTER: u32 = 5;

/// Failures of an endpoint that reads.
pub struct Reading;

impl Refusals for Reading {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "A parameter cannot be read; `errors` names it."),
        (401, "There is no valid token."),
        (
            404,
            "There is no such event or organization, or it is not the caller's.",
        ),
        (
            422,
            "A parameter is well-formed but cannot be answered; `errors` names it.",
        ),
        (500, "A failure of ours; it has been logged."),
        (
            503,
            "The database is away; `Retry-After` says when to try again.",
        ),
    ];
}

/// Failures of an endpoint that reads what a body asks for.
pub struct Exporting;

impl Refusals for Exporting {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The body is not JSON."),
        (401, "There is no valid token."),
        (
            404,
            "There is no such event or organization, or it is not the caller's.",
        ),
        (408, "The body did not arrive in time."),
        (413, "The body is larger than 1 MiB."),
        (415, "The body is not `application/json`."),
        (
            422,
            "A field is missing, unknown or not acceptable; `errors` names it.",
        ),
        (
            429,
            "As many exports of the organization run as may at once; `Retry-After` says when to try \
             again.",
        ),
        (500, "A failure of ours; it has been logged."),
        (
            503,
            "The database is away, too many exports run, or too much is sent at once \
             (`overloaded`); see `Retry-After`.",
        ),
    ];
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::ZoneUnknownToDatabase(zone) => {
                let message = format!(
                    "the database does not know `{zone}`; use the zone's present name, \
                     like `America/New_York` for `US/Eastern`"
                );
                return Self::invalid("timezone", message);
            }
            StoreError::TooManyExports => {
                return Self::unavailable("too many exports are running", RETRY_AFTER);
            }
            StoreError::TooManyLooks => {
                return Self::unavailable(error.to_string(), RETRY_AFTER);
            }
            StoreError::Database(cause) => match database::failure(cause) {
                Failure::Unavailable | Failure::Contended => {
                    tracing::warn!(%error, "database unavailable");
                    return Self::unavailable("the database does not answer", RETRY_AFTER);
                }
                Failure::RefusedValues | Failure::Broken => {}
            },
            StoreError::RegisteredZone(_) | StoreError::UnexpectedRow(_) => {}
        }
        tracing::error!(%error, "a read failed");
        Self::internal()
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::Columns(error) => Self::invalid("columns", error.to_string()),
            ExportError::TooManyOfTenant(_) => {
                Self::too_many_exports(error.to_string(), RETRY_AFTER)
            }
            ExportError::BrokenOff
            | ExportError::Workbook(_)
            | ExportError::File(_)
            | ExportError::Writer(_) => {
                tracing::error!(%error, "an export failed");
                Self::internal()
            }
        }
    }
}
