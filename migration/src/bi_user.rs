//! The command `bi-user`: logins of BI tools, each of which reads one tenant.

use analytics_migration::maintenance::{Session, table};
use anyhow::{Context, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Subcommand;
use postgres_protocol::password::scram_sha_256;
use sea_orm_migration::sea_orm::{self, ConnectionTrait, FromQueryResult, raw_sql};
use uuid::Uuid;

/// An action on the logins of BI tools.
#[derive(Subcommand)]
pub enum BiUserCommand {
    /// Create a login that reads the views of one tenant, and print its password, which is not shown again.
    Create {
        /// The tenant (organization).
        #[arg(long)]
        tenant: Uuid,
    },
    /// List the logins with their tenants.
    List,
    /// Drop a login. Its open connections read nothing from then on.
    Drop {
        /// The name of the login.
        login: String,
    },
}

#[derive(FromQueryResult)]
struct BiUser {
    login: String,
    tenant_id: Uuid,
    created_at: DateTime<Utc>,
}

/// Runs the command.
///
/// # Errors
/// When the login of `DATABASE_URL` may not create roles, there is no such BI login, or a statement fails.
pub async fn run(session: &Session, command: BiUserCommand) -> anyhow::Result<()> {
    match command {
        BiUserCommand::Create { tenant } => create(session, tenant).await,
        BiUserCommand::List => list(session).await,
        BiUserCommand::Drop { login } => drop(session, login).await,
    }
}

async fn create(session: &Session, tenant_id: Uuid) -> anyhow::Result<()> {
    // Every login can read the names of all, so that a name does not contain the tenant.
    let random = Uuid::new_v4().simple().to_string();
    let login = format!("analytics_bi_{}", &random[..12]);
    let password = Uuid::new_v4().simple().to_string();
    // The server, and so its log, never receives the password.
    let verifier = scram_sha_256(password.as_bytes());
    let create = raw_sql!(
        Postgres,
        r"SELECT create_bi_user({login}, {verifier}, {tenant_id})"
    );
    session.database().execute_raw(create).await.context(
        "cannot create the login: DATABASE_URL must be the login that has created the role \
         analytics_bi, or a superuser",
    )?;
    table::line(&format!("login     {login}\npassword  {password}"));
    Ok(())
}

async fn list(session: &Session) -> anyhow::Result<()> {
    let users = BiUser::find_by_statement(raw_sql!(
        Postgres,
        r"SELECT login::TEXT AS login, tenant_id, created_at
          FROM bi_users ORDER BY tenant_id, created_at"
    ));
    let users = users.all(session.database()).await;
    let users = users.context("cannot list the BI logins")?.into_iter();
    let rows = users.map(|user| {
        let created_at = user.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        [user.login, user.tenant_id.to_string(), created_at]
    });
    table::print(["login", "tenant", "created"], 0, rows);
    Ok(())
}

async fn drop(session: &Session, login: String) -> anyhow::Result<()> {
    let drop = raw_sql!(Postgres, r"SELECT drop_bi_user({login}) AS is_dropped");
    let row = session.database().query_one_raw(drop).await;
    let row = row.context("cannot drop the login")?.context("no result")?;
    ensure!(
        row.try_get::<bool>("", "is_dropped")?,
        "there is no BI login {login}"
    );
    table::line(&format!("{login} is dropped"));
    Ok(())
}
