//! The check whether statements have the settings of their session, and whether a pooler supports prepared
//! statements, where it is expected to.

use sea_orm::{DbErr, FromQueryResult, RuntimeErr, raw_sql, sqlx::error::DatabaseError};
use thiserror::Error;

use super::DatabasePool;
use crate::config::Pooler;

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
        "the connection pooler does not support prepared statements: set DATABASE_POOLER=transaction-unprepared, or \
         max_prepared_statements in PgBouncer"
    )]
    StatementsUnprepared,
}

#[derive(FromQueryResult)]
struct Session {
    has_settings: bool,
    /// Whether this statement has the name that the driver has given it. A pooler that supports prepared statements
    /// renames them.
    keeps_statement_names: bool,
}

impl DatabasePool {
    /// Returns what is wrong with the sessions; `None` if they are as expected.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn session_defect(&self) -> Result<Option<SessionDefect>, DbErr> {
        let (role, is_read_only) = (self.settings.role(), self.settings.is_read_only());
        let (names, values) = self.settings.others();
        let session = raw_sql!(
            Postgres,
            r"SELECT current_setting('role') = {role}
                     AND (NOT {is_read_only} OR current_setting('transaction_read_only') = 'on')
                     AND NOT EXISTS (
                         SELECT FROM unnest({names}::TEXT[], {values}::TEXT[]) AS expected (name, value)
                         LEFT JOIN pg_settings USING (name)
                         WHERE REPLACE(setting, ' ', '') IS DISTINCT FROM value
                     ) AS has_settings,
                     EXISTS (SELECT FROM pg_prepared_statements WHERE name LIKE 'sqlx%')
                         AS keeps_statement_names"
        );
        match Session::find_by_statement(session).one(self).await {
            Ok(session) => Ok(session.and_then(|session| session.defect(self.pooler))),
            Err(error) => of_error(&error).map(Some).ok_or(error),
        }
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

/// Returns the defect that an error is the consequence of.
fn of_error(error: &DbErr) -> Option<SessionDefect> {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    let cause = cause.as_database_error()?;
    match cause.code().as_deref() {
        Some(PROTOCOL_VIOLATION) if cause.message().contains("startup parameter") => {
            Some(SessionDefect::StartUpRefused)
        }
        Some(code) if UNKNOWN_STATEMENT.contains(&code) => {
            Some(SessionDefect::StatementsUnprepared)
        }
        _ => None,
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
