//! The check whether statements have the settings of their session, and whether a pooler supports prepared
//! statements, where it is expected to.

use sea_orm::sqlx::{self, PgConnection};
use thiserror::Error;

use super::database_pool::DatabasePool;
use crate::config::Pooler;

/// Parameters: role, read only, names and values of the other settings. Prepared, so that its own name is found; one
/// statement, because it is executed every second.
const CHECK: &str = r"
    SELECT current_setting('role') = $1
               AND (NOT $2 OR current_setting('transaction_read_only') = 'on')
               AND NOT EXISTS (
                   SELECT FROM unnest($3::TEXT[], $4::TEXT[]) AS expected (name, value)
                   LEFT JOIN pg_settings USING (name)
                   WHERE REPLACE(setting, ' ', '') IS DISTINCT FROM value
               ) AS has_settings,
           EXISTS (SELECT FROM pg_prepared_statements WHERE name LIKE 'sqlx%') AS keeps_statement_names,
           current_setting('transaction_read_only')::BOOLEAN AS is_read_only,
           analytics_service.applied_migrations() AS applied_migrations,
           -- A replica that has replayed all that it has received is not behind: its primary may be idle.
           CASE
               WHEN NOT pg_is_in_recovery() THEN 0
               WHEN pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()
                   AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
               ELSE COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)
           END::DOUBLE PRECISION AS replica_lag";
/// SQLSTATE `protocol_violation`: `PgBouncer` refuses start-up parameters with it.
const PROTOCOL_VIOLATION: &str = "08P01";
/// SQLSTATE `duplicate_prepared_statement` and `invalid_sql_statement_name`.
const UNKNOWN_STATEMENT: [&str; 2] = ["42P05", "26000"];

/// The reason why no statement can be relied on, in words for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SessionDefect {
    /// The start-up parameter `options` does not reach the server.
    #[error(
        "the sessions lack their settings, because a connection pooler ignores start-up options: \
         set DATABASE_POOLER=transaction"
    )]
    SettingsLost,
    /// The pooler rejects connections with the start-up parameter `options`.
    #[error(
        "the connection pooler refuses a start-up parameter: set DATABASE_POOLER=transaction, and in PgBouncer \
         ignore_startup_parameters = extra_float_digits"
    )]
    StartUpRefused,
    /// Prepared statements of one client are seen by others.
    #[error(
        "prepared statements keep their names, so that there is no connection pooler (DATABASE_POOLER=none), or one that \
         does not support them: set DATABASE_POOLER=transaction-unprepared, or max_prepared_statements in PgBouncer"
    )]
    StatementsUnprepared,
}

/// The result of the check.
pub(in crate::database) struct CheckedSession {
    /// The reason why the session cannot be relied on, if there is one.
    pub defect: Option<SessionDefect>,
    pub is_read_only: bool,
    /// The names of the applied migrations.
    pub applied_migrations: Vec<String>,
    /// The time since the last transaction that a replica has replayed, in seconds; 0 if it has replayed all that
    /// it has received and is connected, and on a primary.
    pub replica_lag: f64,
}

impl DatabasePool {
    /// Checks the session of a connection and the schema.
    pub(in crate::database) async fn check_session(
        &self,
        connection: &mut PgConnection,
    ) -> sqlx::Result<CheckedSession> {
        if self.keeps_settings() {
            return self.read_session(connection).await;
        }
        let mut transaction = self.begin_on(connection, "").await?;
        let session = self.read_session(&mut transaction).await?;
        transaction.commit().await?;
        Ok(session)
    }

    async fn read_session(&self, connection: &mut PgConnection) -> sqlx::Result<CheckedSession> {
        let (names, values) = self.settings.others();
        let check = sqlx::query_as::<_, (bool, bool, bool, Vec<String>, f64)>(CHECK)
            .bind(self.settings.role())
            .bind(self.settings.is_read_only())
            .bind(names)
            .bind(values);
        let (has_settings, keeps_statement_names, is_read_only, applied_migrations, replica_lag) =
            check.fetch_one(connection).await?;
        Ok(CheckedSession {
            defect: defect(self.pooler, has_settings, keeps_statement_names),
            is_read_only,
            applied_migrations,
            replica_lag,
        })
    }
}

/// Returns the defect of a session. A pooler that supports prepared statements renames them: with one, no statement
/// has the name that the driver has given it.
fn defect(
    pooler: Pooler,
    has_settings: bool,
    keeps_statement_names: bool,
) -> Option<SessionDefect> {
    if !has_settings {
        Some(SessionDefect::SettingsLost)
    } else if pooler == Pooler::Transaction && keeps_statement_names {
        Some(SessionDefect::StatementsUnprepared)
    } else {
        None
    }
}

impl SessionDefect {
    /// Returns the defect that an error is the consequence of.
    pub(in crate::database) fn of_error(error: &sqlx::Error) -> Option<Self> {
        let cause = error.as_database_error()?;
        match cause.code().as_deref() {
            Some(PROTOCOL_VIOLATION) if cause.message().contains("startup parameter") => {
                Some(Self::StartUpRefused)
            }
            Some(code) if UNKNOWN_STATEMENT.contains(&code) => Some(Self::StatementsUnprepared),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_prepared_statements_matter_behind_a_pooler_that_supports_them() {
        for pooler in [Pooler::None, Pooler::TransactionUnprepared] {
            assert_eq!(defect(pooler, true, true), None);
        }
        let pooler = Pooler::Transaction;
        assert_eq!(defect(pooler, true, false), None);
        let unprepared = Some(SessionDefect::StatementsUnprepared);
        assert_eq!(defect(pooler, true, true), unprepared);
        let lost = Some(SessionDefect::SettingsLost);
        assert_eq!(defect(pooler, false, true), lost);
    }
}
