//! The state of a database, as far as it determines whether a tier can use it.

use std::fmt;

use sea_orm::sqlx::{self, error::DatabaseError};

use super::schema_version::SchemaVersion;
use crate::database::{
    TierRole,
    pool::{
        database_pool::DatabasePool,
        session_check::{CheckedSession, SessionDefect},
    },
};

/// SQLSTATEs of a missing function, table or schema, and of a role that does not exist.
const NO_SCHEMA: [&str; 4] = ["42883", "42P01", "3F000", "22023"];

/// The state of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseState {
    /// It can be used.
    Usable {
        /// The applied migrations that this program does not know.
        newer: Vec<String>,
    },
    /// It does not respond, or rejects connections.
    Unavailable,
    /// It rejects writes, as a standby does, or a primary after a failover.
    ReadOnly,
    /// It has no schema, or the login has no access to it.
    NoSchema,
    /// Its schema is older than the program: the named migrations are not applied.
    OlderSchema(Vec<&'static str>),
    /// A connection pooler makes its sessions unreliable.
    Misconfigured(SessionDefect),
}

impl DatabaseState {
    /// Returns whether the tier can use it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Usable { .. })
    }

    /// Returns whether it is an outage, which ends without a change of the schema.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable | Self::ReadOnly)
    }
}

impl fmt::Display for DatabaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usable { newer } if newer.is_empty() => write!(f, "connected, schema current"),
            Self::Usable { newer } => write!(
                f,
                "connected, schema newer than this program: {}",
                newer.join(", ")
            ),
            Self::Unavailable => write!(f, "no response, or no connection"),
            Self::ReadOnly => write!(f, "the server is read-only"),
            Self::NoSchema => write!(
                f,
                "no schema, or no access to it: run `analytics-migration up`"
            ),
            Self::OlderSchema(missing) => write!(
                f,
                "the schema is older than this program: run `analytics-migration up`, which applies {}",
                missing.join(", ")
            ),
            Self::Misconfigured(defect) => write!(f, "{defect}"),
        }
    }
}

/// Returns the state of a database for a tier.
pub async fn check(database: &DatabasePool, role: TierRole) -> DatabaseState {
    let reading = async {
        let mut connection = database.driver_pool().acquire().await?;
        database.check_session(&mut connection).await
    };
    state_of(reading.await, role)
}

/// Returns the state that a tier finds.
pub(super) fn state_of(found: sqlx::Result<CheckedSession>, role: TierRole) -> DatabaseState {
    match found {
        Ok(session) => {
            if let Some(defect) = session.defect {
                return DatabaseState::Misconfigured(defect);
            }
            // The connections of the read tier are read-only.
            if session.is_read_only && role != TierRole::Query {
                return DatabaseState::ReadOnly;
            }
            match SchemaVersion::of(session.applied_migrations) {
                SchemaVersion::Complete { newer } => DatabaseState::Usable { newer },
                SchemaVersion::Incomplete(missing) => DatabaseState::OlderSchema(missing),
            }
        }
        Err(error) => {
            if let Some(defect) = SessionDefect::of_error(&error) {
                return DatabaseState::Misconfigured(defect);
            }
            let code = error.as_database_error().and_then(DatabaseError::code);
            match code {
                Some(code) if NO_SCHEMA.contains(&&*code) => DatabaseState::NoSchema,
                _ => DatabaseState::Unavailable,
            }
        }
    }
}
