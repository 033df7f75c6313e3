//! Problems of share links.

use analytics_shared::problem::{DocumentedProblems, Problem};
use poem::http::StatusCode;

use crate::{
    api::responses::rejected,
    metrics::RejectionCode,
    sharing::{ATTEMPT_WINDOW, SharingError},
};

/// The time after which a client tries again while many passwords are verified, in seconds.
const RETRY_AFTER: u32 = 5;

const UNAUTHORIZED: (u16, &str) = (401, "The token or session is missing or invalid.");
const MISSING_ROLE: (u16, &str) = (
    403,
    "The token has no role that permits this (`missing_role`), is that of a share link (`not_shared`), or a \
     page of another origin uses the session of a browser (`cross_origin`).",
);
const UNKNOWN_EVENT: (u16, &str) = (
    404,
    "The event does not exist, or belongs to another organization.",
);
const RATE_LIMITED: (u16, &str) = (
    429,
    "The client address sends too many requests (`rate_limited`); `Retry-After` has the time to wait.",
);
const INTERNAL: (u16, &str) = (500, "Internal server error.");
const READ_ONLY: (u16, &str) = (
    503,
    "The database is unavailable, or the service cannot write share links, because it has no `SHARE_DATABASE_URL` \
     (`sharing_unavailable`).",
);

/// Problems of creating a link.
pub struct CreateProblems;

/// Problems of listing links.
pub struct ListProblems;

/// Problems of revoking a link.
pub struct RevokeProblems;

/// Problems of opening a link.
pub struct OpenProblems;

impl DocumentedProblems for CreateProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The body is not JSON, or the event id is malformed."),
        UNAUTHORIZED,
        MISSING_ROLE,
        UNKNOWN_EVENT,
        (408, "The body did not arrive in time."),
        (409, "The event or the organization has too many links."),
        (413, "The body is larger than 1 MiB."),
        (415, "The body is not `application/json`."),
        (
            422,
            "A field is missing, unknown or invalid; `errors` names it.",
        ),
        (
            429,
            "The client address sends too many requests (`rate_limited`), or the organization sets or verifies too many \
             passwords (`too_many_passwords`); `Retry-After` has the time to wait.",
        ),
        INTERNAL,
        READ_ONLY,
    ];
}

impl DocumentedProblems for ListProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The event id is malformed."),
        UNAUTHORIZED,
        MISSING_ROLE,
        UNKNOWN_EVENT,
        RATE_LIMITED,
        INTERNAL,
        (503, "The database is unavailable."),
    ];
}

impl DocumentedProblems for RevokeProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "An id is malformed."),
        UNAUTHORIZED,
        MISSING_ROLE,
        (
            404,
            "The event or the link does not exist, or belongs to another organization.",
        ),
        RATE_LIMITED,
        INTERNAL,
        READ_ONLY,
    ];
}

impl DocumentedProblems for OpenProblems {
    const STATUSES: &'static [(u16, &'static str)] = &[
        (400, "The body is not JSON."),
        (
            401,
            "The link has a password, which is missing (`password_required`) or wrong (`wrong_password`).",
        ),
        (
            404,
            "The link does not exist, has expired or is revoked (`invalid_link`): the response is the same.",
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
            "The client address sends too many requests (`rate_limited`), there were too many attempts at the password of \
             the link (`too_many_attempts`), or the organization verifies too many passwords (`too_many_passwords`); \
             `Retry-After` has the time to wait.",
        ),
        INTERNAL,
        (
            503,
            "The database is unavailable, or too many passwords are being verified; `Retry-After` has the time to wait.",
        ),
    ];
}

/// The link does not exist.
pub fn unknown_share() -> Problem {
    Problem::not_found("unknown_share", "there is no such share link")
}

impl From<SharingError> for Problem {
    fn from(error: SharingError) -> Self {
        let detail = error.to_string();
        let password = |code| {
            Self::new(
                StatusCode::UNAUTHORIZED,
                code,
                "Password required",
                detail.clone(),
            )
        };
        match error {
            SharingError::Store(error) => error.into(),
            SharingError::TooManyLinks => {
                let (status, code) = (StatusCode::CONFLICT, "too_many_shares");
                Self::new(status, code, "Too many share links", detail)
            }
            SharingError::InvalidLink => {
                let (status, code) = (StatusCode::NOT_FOUND, "invalid_link");
                Self::new(status, code, "Invalid link", detail)
            }
            SharingError::LinkEnded => {
                let (status, code) = (StatusCode::UNAUTHORIZED, "invalid_link");
                Self::new(status, code, "Invalid link", detail)
            }
            SharingError::PasswordRequired => password("password_required"),
            SharingError::WrongPassword => password("wrong_password"),
            SharingError::TooManyAttempts => {
                let retry_after = u32::try_from(ATTEMPT_WINDOW.as_secs()).unwrap_or(u32::MAX);
                rejected(
                    RejectionCode::TooManyAttempts,
                    "Too many attempts",
                    detail,
                    retry_after,
                )
            }
            SharingError::TooManyPasswords { retry_after } => {
                let seconds = u32::try_from(retry_after.as_secs() + 1).unwrap_or(u32::MAX);
                rejected(
                    RejectionCode::TooManyPasswords,
                    "Too many passwords",
                    detail,
                    seconds,
                )
            }
            SharingError::Busy => Self::unavailable(detail, RETRY_AFTER),
            SharingError::Password(_) | SharingError::Signing => {
                tracing::error!(%error, "a share link failed");
                Self::internal()
            }
        }
    }
}
