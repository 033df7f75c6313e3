//! The login of a tier, which should have the privileges of the tier's role and no others.

use std::time::Duration;

use sea_orm::{DbErr, FromQueryResult, raw_sql};

use super::{TierRole, pool::database_pool::DatabasePool};

/// The time between two attempts while the database is unavailable or has no schema.
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// The login of a connection.
#[derive(Clone, Debug, FromQueryResult)]
struct Login {
    is_superuser: bool,
    bypasses_row_security: bool,
    owns_schema: bool,
}

/// Logs a warning if the login of a connection URL has more privileges than `role`. Waits for the database.
pub async fn check_login(database: DatabasePool, role: TierRole) {
    let login = loop {
        match read(&database).await {
            Ok(Some(login)) => break login,
            Ok(None) | Err(_) => tokio::time::sleep(RETRY_DELAY).await,
        }
    };
    if let Some(excess) = login.excess() {
        tracing::warn!(
            role = role.name(),
            "the login of {} {excess}: neither the privileges of the role nor row-level security \
             restrict it. Use a login that is a member of the role and nothing else",
            role.url_variable()
        );
    }
}

/// Reads the login; `None` if there is no schema.
async fn read(database: &DatabasePool) -> Result<Option<Login>, DbErr> {
    let login = raw_sql!(
        Postgres,
        r"SELECT rolsuper AS is_superuser, rolbypassrls AS bypasses_row_security,
                 pg_has_role(session_user, nspowner, 'USAGE') AS owns_schema
          FROM pg_roles, pg_namespace
          WHERE rolname = session_user AND nspname = 'analytics_service'"
    );
    Login::find_by_statement(login).one(database).await
}

impl Login {
    /// The privileges beyond those of a role.
    fn excess(&self) -> Option<&'static str> {
        if self.is_superuser {
            Some("is a superuser")
        } else if self.owns_schema {
            Some("owns the schema analytics_service")
        } else if self.bypasses_row_security {
            Some("has the attribute BYPASSRLS")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_has_no_privileges_beyond_those_of_its_role() {
        let member = Login {
            is_superuser: false,
            bypasses_row_security: false,
            owns_schema: false,
        };
        assert_eq!(member.excess(), None);
        let owner = Login {
            owns_schema: true,
            ..member.clone()
        };
        assert_eq!(owner.excess(), Some("owns the schema analytics_service"));
        let bypassing = Login {
            bypasses_row_security: true,
            ..member.clone()
        };
        assert_eq!(bypassing.excess(), Some("has the attribute BYPASSRLS"));
        // A superuser is a member of every role.
        let superuser = Login {
            is_superuser: true,
            ..owner
        };
        assert_eq!(superuser.excess(), Some("is a superuser"));
    }
}
