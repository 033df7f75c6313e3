//! The requirements of the first migration that the login may not be able to create: the extension and the group roles
//! belong to the server, which others may manage.

use analytics_shared::database::DatabasePool;
use anyhow::{Context, ensure};
use sea_orm_migration::sea_orm::{self, DbBackend, FromQueryResult, Statement};

const REQUIREMENTS: &str = include_str!("requirements.sql");
/// The group roles, as in `roles.sql`.
const ROLES: [&str; 4] = [
    "analytics_ingest",
    "analytics_query",
    "analytics_sharing",
    "analytics_bi",
];

#[derive(FromQueryResult)]
struct Requirements {
    login: String,
    database: String,
    missing_roles: Vec<String>,
    may_create_roles: bool,
    lacks_extension: bool,
    may_create_extension: bool,
    may_create_schema: bool,
    may_create_tables: bool,
}

/// Fails if something is missing that the login of the connection may not create.
///
/// # Errors
/// When it is, with what to do; or when the statement fails.
pub async fn ensure_fulfilled(pool: &DatabasePool) -> anyhow::Result<()> {
    let roles = ROLES.map(ToOwned::to_owned).to_vec();
    let statement =
        Statement::from_sql_and_values(DbBackend::Postgres, REQUIREMENTS, [roles.into()]);
    let found = Requirements::find_by_statement(statement).one(pool).await;
    let found = found.context("cannot read the privileges of the login")?;
    let missing = found.context("no privileges")?.missing();
    ensure!(missing.is_empty(), "{}", missing.join("; "));
    Ok(())
}

impl Requirements {
    /// What is missing, with the statements of an administrator.
    fn missing(&self) -> Vec<String> {
        let Self { login, database, .. } = self;
        let mut missing = Vec::new();
        if !self.missing_roles.is_empty() && !self.may_create_roles {
            let create = self.missing_roles.iter();
            let create = create.map(|role| format!("CREATE ROLE {role} NOLOGIN"));
            missing.push(format!(
                "the login {login} may not create the missing roles: let an administrator run `{}`",
                create.collect::<Vec<_>>().join("; ")
            ));
        }
        if self.lacks_extension && !self.may_create_extension {
            missing.push(format!(
                "the login {login} may not create the missing extension: let an administrator run \
                 `CREATE EXTENSION timescaledb` in the database {database}"
            ));
        }
        if !self.may_create_schema || !self.may_create_tables {
            missing.push(format!(
                "the login {login} may not create a schema and tables: let an administrator run \
                 `ALTER DATABASE {database} OWNER TO {login}`"
            ));
        }
        missing
    }
}
