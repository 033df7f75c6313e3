//! Documented problems, and the conversion of errors to problems.

use analytics_shared::{
    database::{self, ErrorClass},
    problem::{DocumentedProblems, Problem},
};

use crate::{export::ExportError, store::StoreError};

/// The value of `Retry-After`, in seconds.
const RETRY_AFTER: u32 = 5;

const MISSING_ROLE: (u16, &str) = (
    403,
    "The token has no role that permits this (`missing_role`).",
);

/// Problems of endpoints that read.
pub struct ReadProblems;

impl DocumentedProblems for ReadProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "A parameter is malformed; `errors` names it."),
        (401, "The token is missing or invalid."),
        MISSING_ROLE,
        (
            404,
            "The event or organization does not exist, or belongs to another organization.",
        ),
        (422, "A parameter has an invalid value; `errors` names it."),
        (500, "Internal server error."),
        (
            503,
            "The database is unavailable; `Retry-After` has the time to wait.",
        ),
    ];
}

/// Problems of exports.
pub struct ExportProblems;

impl DocumentedProblems for ExportProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The body is not JSON."),
        (401, "The token is missing or invalid."),
        MISSING_ROLE,
        (
            404,
            "The event or organization does not exist, or belongs to another organization.",
        ),
        (408, "The body did not arrive in time."),
        (413, "The body is larger than 1 MiB."),
        (415, "The body is not `application/json`."),
        (
            422,
            "A field is missing, unknown or invalid; `errors` names it.",
        ),
        (
            429,
            "The organization has reached its limit of concurrent exports; `Retry-After` has the time to \
             wait.",
        ),
        (500, "Internal server error."),
        (
            503,
            "The database is unavailable, too many exports are running, or the service is overloaded \
             (`overloaded`); `Retry-After` has the time to wait.",
        ),
    ];
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::ZoneUnknownToDatabase(zone) => {
                let message = format!(
                    "the database does not know `{zone}`; use the current name of the zone, \
                     like `America/New_York` for `US/Eastern`"
                );
                return Self::invalid("timezone", message);
            }
            StoreError::TooManyExports | StoreError::TooManyScans => {
                return Self::unavailable(error.to_string(), RETRY_AFTER);
            }
            StoreError::Database(cause) => match database::classify(cause) {
                ErrorClass::Unavailable | ErrorClass::Contended => {
                    tracing::warn!(%error, "database unavailable");
                    return Self::unavailable("the database is unavailable", RETRY_AFTER);
                }
                ErrorClass::InvalidData | ErrorClass::Internal => {}
            },
            StoreError::InvalidRegistryTimeZone(_) | StoreError::UnexpectedRow(_) => {}
        }
        tracing::error!(%error, "read failed");
        Self::internal()
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::Columns(error) => Self::invalid("columns", error.to_string()),
            ExportError::TenantLimit(_) => Self::too_many_exports(error.to_string(), RETRY_AFTER),
            ExportError::Truncated
            | ExportError::Workbook(_)
            | ExportError::File(_)
            | ExportError::Writer(_) => {
                tracing::error!(%error, "export failed");
                Self::internal()
            }
        }
    }
}
