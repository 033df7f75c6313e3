//! The check whether statements have the settings of their session, and whether a pooler supports prepared
//! statements, where it is expected to.

use sea_orm::sqlx::{self, PgConnection};
use thiserror::Error;

use super::database_pool::DatabasePool;
use crate::config::Pooler;

/// Parameters: role, read only, names and values of the other settings. Prepared, so that its own name is found.
const CHECK: &str = r"
    SELECT current_setting('role') = $1
               AND (NOT $2 OR current_setting('transaction_read_only') = 'on')
               AND NOT EXISTS (
                   SELECT FROM unnest($3::TEXT[], $4::TEXT[]) AS expected (name, value)
                   LEFT JOIN pg_settings USING (name)
                   WHERE REPLACE(setting, ' ', '') IS DISTINCT FROM value
               ) AS has_settings,
           EXISTS (SELECT FROM pg_prepared_statements WHERE name LIKE 'sqlx%') AS keeps_statement_names";
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
struct Session {
    has_settings: bool,
    /// Whether this statement has the name that the driver has given it. A pooler that supports prepared statements
    /// renames them.
    keeps_statement_names: bool,
}

impl DatabasePool {
    /// Returns what is wrong with the session of a connection, in a transaction with the settings of the pool;
    /// `None` if it is as expected.
    pub(in crate::database) async fn session_defect(
        &self,
        connection: &mut PgConnection,
    ) -> sqlx::Result<Option<SessionDefect>> {
        let (names, values) = self.settings.others();
        let (has_settings, keeps_statement_names) = sqlx::query_as(CHECK)
            .bind(self.settings.role())
            .bind(self.settings.is_read_only())
            .bind(names)
            .bind(values)
            .fetch_one(connection)
            .await?;
        let session = Session {
            has_settings,
            keeps_statement_names,
        };
        Ok(session.defect(self.pooler))
    }
}

impl Session {
    fn defect(&self, pooler: Pooler) -> Option<SessionDefect> {
        if !self.has_settings {
            Some(SessionDefect::SettingsLost)
        } else if pooler == Pooler::Transaction && self.keeps_statement_names {
            Some(SessionDefect::StatementsUnprepared)
        } else {
            None
        }
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
        let of = |has_settings, keeps_statement_names| Session {
            has_settings,
            keeps_statement_names,
        };
        for pooler in [Pooler::None, Pooler::TransactionUnprepared] {
            assert_eq!(of(true, true).defect(pooler), None);
        }
        let pooler = Pooler::Transaction;
        assert_eq!(of(true, false).defect(pooler), None);
        let defect = Some(SessionDefect::StatementsUnprepared);
        assert_eq!(of(true, true).defect(pooler), defect);
        let defect = Some(SessionDefect::SettingsLost);
        assert_eq!(of(false, true).defect(pooler), defect);
    }
}
