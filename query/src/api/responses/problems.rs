//! Documented problems, and the conversion of errors to problems.

use analytics_shared::{
    database::{self, ErrorClass},
    problem::{DocumentedProblems, Problem},
    telemetry::LogThrottle,
};
use poem::http::StatusCode;

use crate::{
    admission::{ReadRefused, StreamRefused},
    export::{DiskFull, ExportError},
    metrics::{self, RejectionCode},
    store::StoreError,
};

/// The message that the database is unavailable: one line for many requests.
static DATABASE_UNAVAILABLE: LogThrottle = LogThrottle::new();
/// The value of `Retry-After`, in seconds.
const RETRY_AFTER: u32 = 5;

const MISSING_ROLE: (u16, &str) = (
    403,
    "The token has no role that permits this (`missing_role`), or is that of a share link that does not show this \
     (`not_shared`).",
);

/// Problems of endpoints that read.
pub struct ReadProblems;

impl DocumentedProblems for ReadProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "A parameter is malformed; `errors` names it."),
        (
            401,
            "The token or session is missing or invalid, or the share link of the token has expired or is revoked \
             (`invalid_link`).",
        ),
        MISSING_ROLE,
        (
            404,
            "The event or organization does not exist, or belongs to another organization.",
        ),
        (
            422,
            "A parameter has an invalid value; `errors` names it. Or the period has more rows than one read may \
             keep in memory (`read_too_large`).",
        ),
        (
            429,
            "The client address sends too many requests (`rate_limited`), the organization has used its share of \
             reads (`too_many_reads`), or the token, the organization or the client address has as many streams \
             as it may (`too_many_streams`); `Retry-After` has the time to wait.",
        ),
        (500, "Internal server error."),
        (
            503,
            "The database is unavailable, or too many scans of raw facts are running; `Retry-After` has the \
             time to wait.",
        ),
    ];
}

/// Problems of exports.
pub struct ExportProblems;

impl DocumentedProblems for ExportProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The body is not JSON."),
        (401, "The token or session is missing or invalid."),
        (
            403,
            "The token has no role that permits this (`missing_role`), or a page of another origin uses the session \
             of a browser (`cross_origin`).",
        ),
        (
            404,
            "The event or organization does not exist, or belongs to another organization.",
        ),
        (408, "The body did not arrive in time."),
        (413, "The body is larger than 1 MiB."),
        (
            415,
            "The body is neither `application/json` nor `application/x-www-form-urlencoded`.",
        ),
        (
            422,
            "A field is missing, unknown or invalid; `errors` names it. Or the workbook needs more temporary disk \
             than the organization may use (`workbook_too_large`), or its figures more memory than a read may \
             (`read_too_large`).",
        ),
        (
            429,
            "The organization has reached its limit of concurrent exports (`too_many_exports`), has used its share \
             of reads, which the figures of a workbook need (`too_many_reads`), or there are too many requests of this \
             client address (`rate_limited`); `Retry-After` has the time to wait.",
        ),
        (500, "Internal server error."),
        (
            503,
            "The database is unavailable, too many exports or scans of raw facts are running, the temporary disk is full, or the service is overloaded \
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
            StoreError::TooManyExports | StoreError::TooManyLargeReads => {
                return Self::unavailable(error.to_string(), RETRY_AFTER);
            }
            StoreError::LinksReadOnly => {
                let detail = "this service cannot create or revoke share links: it has no SHARE_DATABASE_URL";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                return Self::new(status, "sharing_unavailable", "Sharing unavailable", detail);
            }
            StoreError::ReadTooLarge { .. } => {
                let detail = format!("{error}; request a shorter period");
                return too_large(RejectionCode::ReadTooLarge, "Read too large", detail);
            }
            StoreError::Database(cause) => match database::classify(cause) {
                ErrorClass::Unavailable | ErrorClass::Contended => {
                    if DATABASE_UNAVAILABLE.permits() {
                        tracing::warn!(%error, "the database is unavailable");
                    }
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

/// Counts and returns a rejection because a share is used up.
pub fn rejected(code: RejectionCode, title: &str, detail: String, retry_after: u32) -> Problem {
    metrics::count_rejected(code);
    Problem::too_many(code.into(), title, detail, retry_after)
}

/// Counts and returns a rejection of a request that needs more than it may have, however often it is repeated.
fn too_large(code: RejectionCode, title: &str, detail: String) -> Problem {
    metrics::count_rejected(code);
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code.into(), title, detail)
}

impl From<ReadRefused> for Problem {
    fn from(refused: ReadRefused) -> Self {
        let detail = refused.to_string();
        let retry_after = match refused {
            ReadRefused::TooManyScans => return Self::unavailable(detail, RETRY_AFTER),
            ReadRefused::TooManyReads => RETRY_AFTER,
            ReadRefused::TimeExceeded { retry_after } => {
                u32::try_from(retry_after.as_secs() + 1).unwrap_or(u32::MAX)
            }
        };
        rejected(
            RejectionCode::TooManyReads,
            "Too many reads",
            detail,
            retry_after,
        )
    }
}

impl From<StreamRefused> for Problem {
    fn from(refused: StreamRefused) -> Self {
        let detail = refused.to_string();
        rejected(
            RejectionCode::TooManyStreams,
            "Too many streams",
            detail,
            RETRY_AFTER,
        )
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::Columns(error) => Self::invalid("columns", error.to_string()),
            ExportError::TenantLimit(_) => {
                let (code, title) = (RejectionCode::TooManyExports, "Too many exports");
                rejected(code, title, error.to_string(), RETRY_AFTER)
            }
            ExportError::Disk(DiskFull::Tenant(_)) => {
                let detail = format!("{error}; request CSV or NDJSON, or a shorter period");
                too_large(
                    RejectionCode::WorkbookTooLarge,
                    "Workbook too large",
                    detail,
                )
            }
            ExportError::Disk(DiskFull::Process) => {
                Self::unavailable(error.to_string(), RETRY_AFTER)
            }
            ExportError::Truncated
            | ExportError::TokenExpired
            | ExportError::Workbook(_)
            | ExportError::File(_)
            | ExportError::Writer(_) => {
                tracing::error!(%error, "export failed");
                Self::internal()
            }
        }
    }
}
