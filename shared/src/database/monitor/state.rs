//! The state of a database, as far as it determines whether a tier can use it.

use std::fmt;

use sea_orm::sqlx::{self, PgConnection, error::DatabaseError};

use super::schema_version::SchemaVersion;
use crate::database::{
    TierRole,
    pool::{database_pool::DatabasePool, session_check::SessionDefect},
};

const STATE: &str =
    "SELECT current_setting('transaction_read_only')::BOOLEAN, applied_migrations()";
/// SQLSTATEs of a missing function, table or schema, and of a role that does not exist.
const NO_SCHEMA: [&str; 4] = ["42883", "42P01", "3F000", "22023"];

/// The state of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseState {
    /// It has not been checked yet.
    Unchecked,
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
            Self::Unchecked => write!(f, "not checked yet"),
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

/// The result of reading the state.
pub(super) enum Reading {
    Defect(SessionDefect),
    Schema {
        is_read_only: bool,
        applied: Vec<String>,
    },
}

/// Returns the state of a database for a tier.
pub async fn check(database: &DatabasePool, role: TierRole) -> DatabaseState {
    let reading = async {
        let mut connection = database.driver_pool().acquire().await?;
        read(database, &mut connection, true).await
    };
    state_of(reading.await, role)
}

/// Reads whether the session is as expected, if that `is_unknown`, whether the server is read-only, and the names of
/// the applied migrations. One statement, if the session is known and keeps its settings.
pub(super) async fn read(
    database: &DatabasePool,
    connection: &mut PgConnection,
    is_unknown: bool,
) -> sqlx::Result<Reading> {
    if database.keeps_settings() && !is_unknown {
        return read_schema(connection).await;
    }
    let mut transaction = database.begin_on(connection, "").await?;
    let reading = match database.session_defect(&mut transaction).await? {
        Some(defect) => Reading::Defect(defect),
        None => read_schema(&mut transaction).await?,
    };
    transaction.commit().await?;
    Ok(reading)
}

async fn read_schema(connection: &mut PgConnection) -> sqlx::Result<Reading> {
    let state = sqlx::query_as::<_, (bool, Vec<String>)>(STATE).persistent(false);
    let (is_read_only, applied) = state.fetch_one(connection).await?;
    Ok(Reading::Schema {
        is_read_only,
        applied,
    })
}

/// Returns the state that a tier finds.
pub(super) fn state_of(found: sqlx::Result<Reading>, role: TierRole) -> DatabaseState {
    match found {
        Ok(Reading::Defect(defect)) => DatabaseState::Misconfigured(defect),
        // The connections of the read tier are read-only.
        Ok(Reading::Schema {
            is_read_only: true, ..
        }) if role != TierRole::Query => DatabaseState::ReadOnly,
        Ok(Reading::Schema { applied, .. }) => match SchemaVersion::of(applied) {
            SchemaVersion::Complete { newer } => DatabaseState::Usable { newer },
            SchemaVersion::Incomplete(missing) => DatabaseState::OlderSchema(missing),
        },
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
