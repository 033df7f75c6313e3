//! The errors of a fact.

use std::time::Duration;

use thiserror::Error;

use crate::{metrics::RejectionReason, store::error::StoreError};

/// The message for a sender without a token.
pub const TOKEN_REQUIRED: &str = "a token is required: without one only page.view and registration.started of a registered event are accepted";

/// The reason why a fact is rejected. The texts repeat no values, which may be personal data.
#[derive(Debug, Error)]
pub enum FactError {
    /// A field is invalid.
    #[error("{field}: {message}")]
    Invalid {
        /// The path of the field, with dots.
        field: String,
        /// The problem with it.
        message: String,
    },
    /// A token is required.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The token has no role that may send the event type.
    #[error("eventType: the token has none of the roles that may send it")]
    MissingRole,
    /// The token does not permit the value of this field.
    #[error("{0}: only the role SERVICE may name another than the token's own")]
    Forbidden(&'static str),
    /// The event does not exist, or belongs to another tenant.
    #[error("eventId: there is no such event")]
    UnknownEvent,
    /// The event has used up its quota; more can be stored after this time.
    #[error("the event has stored as much without tokens as it may in a day")]
    QuotaExceeded(Duration),
    /// A look-up failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FactError {
    /// An invalid field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            message: message.into(),
        }
    }

    /// The reason for the metrics.
    pub fn reason(&self) -> RejectionReason {
        match self {
            Self::Invalid { .. } => RejectionReason::InvalidField,
            Self::Unauthenticated(_) => RejectionReason::Unauthorized,
            Self::MissingRole => RejectionReason::MissingRole,
            Self::Forbidden(_) => RejectionReason::ForbiddenField,
            Self::UnknownEvent => RejectionReason::UnknownEvent,
            Self::QuotaExceeded(_) => RejectionReason::EventQuotaExceeded,
            Self::Store(_) => RejectionReason::Database,
        }
    }
}
