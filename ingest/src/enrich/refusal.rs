//! Why a fact is not taken.

use thiserror::Error;

use crate::store::StoreError;

/// Why a fact is not taken. No text here repeats a value: values may be personal.
#[derive(Debug, Error)]
pub enum Refusal {
    /// A field cannot be accepted.
    #[error("{field}: {message}")]
    Invalid {
        /// The field, with dots into objects.
        field: String,
        /// What is wrong with it.
        message: String,
    },
    /// It takes a token to send this.
    #[error("{0}")]
    TokenNeeded(&'static str),
    /// The token is good, but not for naming this field.
    #[error("{0}: only the role SERVICE may name another than the token's own")]
    NotYours(&'static str),
    /// There is no such event, or it belongs to another tenant.
    #[error("eventId: there is no such event")]
    UnknownEvent,
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    /// A field that cannot be accepted.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            message: message.into(),
        }
    }

    /// A short name, for metrics.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_field",
            Self::TokenNeeded(_) => "unauthorized",
            Self::NotYours(_) => "forbidden_field",
            Self::UnknownEvent => "unknown_event",
            Self::Store(_) => "database",
        }
    }
}
