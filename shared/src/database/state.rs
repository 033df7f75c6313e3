//! The state of a database, as far as it determines whether a tier can use it.

use std::fmt;

use sea_orm::{
    DatabaseConnection,
    sqlx::{self, PgConnection, error::DatabaseError},
};

use super::{TierRole, schema_version::SchemaVersion};

/// Unqualified, so that it fails where the settings of the connection are lost.
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
        }
    }
}

/// Returns the state of a database for a tier.
pub async fn check(database: &DatabaseConnection, role: TierRole) -> DatabaseState {
    let pool = database.get_postgres_connection_pool();
    let reading = async {
        let mut connection = pool.acquire().await?;
        read(&mut connection).await
    };
    state_of(reading.await, role)
}

/// Reads whether the server is read-only, and the names of the applied migrations.
pub(super) async fn read(connection: &mut PgConnection) -> sqlx::Result<(bool, Vec<String>)> {
    let state = sqlx::query_as::<_, (bool, Vec<String>)>(STATE).persistent(false);
    state.fetch_one(connection).await
}

/// Returns the state that a tier finds.
pub(super) fn state_of(found: sqlx::Result<(bool, Vec<String>)>, role: TierRole) -> DatabaseState {
    match found {
        // The connections of the read tier are read-only.
        Ok((true, _)) if role != TierRole::Query => DatabaseState::ReadOnly,
        Ok((_, applied)) => match SchemaVersion::of(applied) {
            SchemaVersion::Complete { newer } => DatabaseState::Usable { newer },
            SchemaVersion::Incomplete(missing) => DatabaseState::OlderSchema(missing),
        },
        Err(error) => {
            let code = error.as_database_error().and_then(DatabaseError::code);
            match code {
                Some(code) if NO_SCHEMA.contains(&&*code) => DatabaseState::NoSchema,
                _ => DatabaseState::Unavailable,
            }
        }
    }
}
