//! The values of labels, all of which are registered at the start.

use strum_macros::{EnumIter, IntoStaticStr};

use crate::writer::outcome::Outcome;

/// The transport of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Transport {
    /// HTTP.
    Http,
    /// A platform message.
    Amqp,
    /// The overflow queue, after HTTP.
    Overflow,
}

/// The outcome of a fact for its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum FactOutcome {
    /// Inserted.
    Stored,
    /// Stored before.
    Duplicate,
    /// Published to the overflow queue.
    Queued,
    /// The database rejects a value.
    Invalid,
    /// Neither stored nor queued.
    Unavailable,
    /// An internal error.
    Failed,
}

impl FactOutcome {
    /// Whether facts of this transport can have the outcome: messages that are not stored stay with the broker.
    pub(super) fn occurs_with(self, transport: Transport) -> bool {
        transport == Transport::Http
            || matches!(self, Self::Stored | Self::Duplicate | Self::Invalid)
    }
}

impl From<Outcome> for FactOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Stored => Self::Stored,
            Outcome::Duplicate => Self::Duplicate,
            Outcome::Invalid => Self::Invalid,
            Outcome::Unavailable => Self::Unavailable,
            Outcome::Failed => Self::Failed,
        }
    }
}

/// The reason why a fact or message is rejected before it is submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RejectionReason {
    /// A field is invalid.
    InvalidField,
    /// A fact of a batch is not an object with the fields of a fact.
    MalformedFact,
    /// A token is required, or that of the request is not valid.
    Unauthorized,
    /// The token has no role that may send the event type.
    MissingRole,
    /// The token does not permit the value of a field.
    ForbiddenField,
    /// A write key is required.
    WriteKeyRequired,
    /// The write key is not active.
    InvalidWriteKey,
    /// The write key is not for pages of the origin.
    UnknownOrigin,
    /// The event does not exist, or belongs to another tenant.
    UnknownEvent,
    /// The registration of a message has not arrived before its last retry.
    UnknownRegistration,
    /// The event has used up its quota.
    EventQuotaExceeded,
    /// A look-up failed, or the database rejects a value.
    Database,
}

/// The reason why the claim of a user is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum IgnoredClaim {
    /// The fact that it reports is known.
    Known,
    /// Only a registration of the platform or a service completes a message.
    Message,
    /// The platform or a service has reported the same later.
    Superseded,
}
