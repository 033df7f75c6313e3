//! The requirements of the first migration that the login may not be able to create: the extension and the group roles
//! belong to the server, which others may manage.

use analytics_shared::database::DatabasePool;
use anyhow::{Context, ensure};
use sea_orm::{DbBackend, FromQueryResult, Statement};

const MISSING: &str = include_str!("requirements.sql");
/// The group roles, as in `roles.sql`.
const ROLES: [&str; 4] = [
    "analytics_ingest",
    "analytics_query",
    "analytics_sharing",
    "analytics_bi",
];

/// The requirements that are missing and that the login may not create.
#[derive(FromQueryResult)]
struct Missing {
    login: String,
    database: String,
    roles: Vec<String>,
    extension: bool,
    ownership: bool,
}

/// Fails if something is missing that the login of the connection may not create.
///
/// # Errors
/// When it is, with what to do; or when the statement fails.
pub async fn ensure_requirements(pool: &DatabasePool) -> anyhow::Result<()> {
    let roles = ROLES.map(ToOwned::to_owned).to_vec();
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, MISSING, [roles.into()]);
    let missing = Missing::find_by_statement(statement).one(pool).await;
    let missing = missing.context("cannot read the privileges of the login")?;
    let steps = missing.map(|missing| missing.steps()).unwrap_or_default();
    ensure!(
        steps.is_empty(),
        "the login of DATABASE_URL lacks privileges: {}",
        steps.join("; ")
    );
    Ok(())
}

impl Missing {
    /// Returns the steps of an administrator.
    fn steps(&self) -> Vec<String> {
        let Self {
            login, database, ..
        } = self;
        let mut steps = Vec::new();
        if !self.roles.is_empty() {
            let create = self.roles.iter();
            let create = create.map(|role| format!("CREATE ROLE {role} NOLOGIN"));
            let create: Vec<_> = create.collect();
            let create = create.join("; ");
            steps.push(format!(
                "{login} may not create the missing roles: let an administrator run `{create}`"
            ));
        }
        if self.extension {
            steps.push(format!(
                "{login} may not create the missing extension: let an administrator run \
                 `CREATE EXTENSION timescaledb` in the database {database}"
            ));
        }
        if self.ownership {
            steps.push(format!(
                "{login} may not create a schema and tables: let an administrator run \
                 `ALTER DATABASE {database} OWNER TO {login}`"
            ));
        }
        steps
    }
}
