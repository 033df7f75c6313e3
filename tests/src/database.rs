//! A database of its own for every test, with its own logins of both tiers.

use std::{path::Path, process::Command};

use analytics_shared::{
    config::{DatabaseConfig, Pooler},
    database::{DatabasePool, TierRole},
};
use clap::ValueEnum;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, QueryResult};
use tokio::task::JoinHandle;
use url::Url;
use uuid::Uuid;

use crate::{
    cleanup,
    pooler::{is_pooled, port_of_all_tests, through},
    process,
    stack::Stack,
};

/// The group roles, which the migration creates unless they exist: a service may start before it.
const ROLES: &str = include_str!("../../migration/src/m20261123_000001_initial/roles.sql");

/// A migrated database that is dropped with this value, also after a panic.
pub struct TestDatabase {
    /// The URL of the server itself, with the login of the owner.
    pub url: String,
    /// The URL for `analytics-migration`, with the same login.
    pub migration_url: String,
    /// The URL for the write tier, with a login that has the privileges of its role only.
    pub ingest_url: String,
    /// The URL for the read tier, with a login that has the privileges of its role only.
    pub query_url: String,
    /// The URL for share links, with a login that has the privileges of their role only.
    pub share_url: String,
    /// A connection with the privileges of the owner.
    pub connection: DatabaseConnection,
    server_url: String,
    name: String,
    is_kept: bool,
}

impl TestDatabase {
    /// Creates a database and migrates it.
    ///
    /// # Panics
    /// When the stack is not up.
    pub async fn create(stack: &Stack) -> Self {
        let database = Self::create_empty(stack).await;
        database.bring_up();
        database
    }

    /// Creates the schema.
    ///
    /// # Panics
    /// When it cannot be created.
    pub fn bring_up(&self) {
        let output = self.migrate(&["up"]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Creates a database without a schema.
    ///
    /// # Panics
    /// When the stack is not up.
    pub async fn create_empty(stack: &Stack) -> Self {
        let name = format!("test_{}", Uuid::now_v7().simple());
        Self::create_named(&stack.database_url, name).await
    }

    /// Creates a database with this name and without a schema, on the server of `server_url`.
    ///
    /// # Panics
    /// When the server does not respond, or has a database with this name.
    pub async fn create_named(server_url: &str, name: String) -> Self {
        create_database(server_url, &name).await;
        Self::open(server_url, name).await
    }

    /// A database that exists.
    ///
    /// # Panics
    /// When it does not.
    pub async fn open(server_url: &str, name: String) -> Self {
        let is_of_stack = std::env::var("DATABASE_URL").as_deref() == Ok(server_url);
        let port = port_of_all_tests().filter(|_| is_of_stack);
        Self::open_at(server_url, name, port).await
    }

    /// Creates a database and migrates it; all programs reach it through the pooler at a port.
    ///
    /// # Panics
    /// When the stack is not up.
    pub async fn create_behind(pooler_port: u16) -> Self {
        let server_url = Stack::from_env().database_url;
        let name = format!("test_{}", Uuid::now_v7().simple());
        create_database(&server_url, &name).await;
        let database = Self::open_at(&server_url, name, Some(pooler_port)).await;
        database.bring_up();
        database
    }

    async fn open_at(server_url: &str, name: String, pooler_port: Option<u16>) -> Self {
        let (base, _) = server_url
            .rsplit_once('/')
            .expect("a database in DATABASE_URL");
        let url = format!("{base}/{name}");
        let connection = connect(&url).await;
        connection.execute_unprepared(ROLES).await.expect("roles");
        let ingest_url = login(
            &connection,
            &url,
            format!("{name}_ingest"),
            "analytics_ingest".to_owned(),
        );
        let query_url = login(
            &connection,
            &url,
            format!("{name}_query"),
            "analytics_query".to_owned(),
        );
        let share_url = login(
            &connection,
            &url,
            format!("{name}_sharing"),
            "analytics_sharing".to_owned(),
        );
        let pooled = |url: String| pooler_port.map_or(url.clone(), |port| through(&url, port));
        Self {
            ingest_url: pooled(ingest_url.await),
            query_url: pooled(query_url.await),
            share_url: pooled(share_url.await),
            migration_url: pooled(url.clone()),
            url,
            connection,
            server_url: server_url.to_owned(),
            name,
            is_kept: false,
        }
    }

    /// Keeps the database when this value is dropped.
    pub fn keep(&mut self) {
        self.is_kept = true;
    }

    /// Runs `analytics-migration` on this database.
    ///
    /// # Panics
    /// When the program is not built.
    #[must_use]
    pub fn migrate(&self, arguments: &[&str]) -> std::process::Output {
        self.migrate_by(&process::binary("analytics-migration"), arguments)
    }

    /// Starts `analytics-migration` on this database. The task ends with the program, and returns
    /// whether it succeeded and what it printed.
    ///
    /// # Panics
    /// When the program is not built.
    #[must_use]
    pub fn spawn_migrate(&self, arguments: &[&str]) -> JoinHandle<(bool, String)> {
        let mut command = tokio::process::Command::new(process::binary("analytics-migration"));
        command
            .args(arguments)
            .env("DATABASE_URL", &self.migration_url)
            .kill_on_drop(true);
        tokio::spawn(async move {
            let output = command.output().await.expect("analytics-migration runs");
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text).into_owned();
            (output.status.success(), text)
        })
    }

    /// Runs another build of `analytics-migration` on this database.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn migrate_by(&self, program: &Path, arguments: &[&str]) -> std::process::Output {
        Command::new(program)
            .args(arguments)
            .env("DATABASE_URL", &self.migration_url)
            .output()
            .expect("analytics-migration runs")
    }

    /// All rows of a query.
    ///
    /// # Panics
    /// When the query fails.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        self.connection
            .query_all_raw(statement)
            .await
            .expect("query")
    }

    /// Every row of every table, as text.
    ///
    /// # Panics
    /// When a table cannot be read.
    pub async fn dump(&self) -> String {
        let tables = self
            .rows(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                 WHERE schemaname IN ('analytics_service', '_timescaledb_internal', 'public')",
            )
            .await;
        let mut dump = String::new();
        for table in tables {
            let table: String = table.try_get_by_index(0).expect("a name");
            for row in self.rows(&format!("SELECT t::TEXT FROM {table} t")).await {
                dump += &row.try_get_by_index::<String>(0).expect("a text");
                dump.push('\n');
            }
        }
        dump
    }

    /// The number that a query returns.
    ///
    /// # Panics
    /// When it returns anything else.
    pub async fn number(&self, sql: &str) -> i64 {
        self.rows(sql)
            .await
            .first()
            .expect("a row")
            .try_get_by_index(0)
            .expect("a number")
    }
}

/// Creates a login with the rights of `role`, and returns the URL for it. Logins belong to the server, so that its
/// name should contain that of the database.
///
/// # Panics
/// When the server refuses it.
pub async fn login(owner: &DatabaseConnection, url: &str, name: String, role: String) -> String {
    let create = format!(
        "DROP ROLE IF EXISTS {name}; CREATE ROLE {name} LOGIN PASSWORD '{name}' IN ROLE {role}"
    );
    owner.execute_unprepared(&create).await.expect("a login");
    with_login(url, &name, &name)
}

/// The URL of the same database for another login.
///
/// # Panics
/// When it is no URL.
#[must_use]
pub fn with_login(url: &str, user: &str, password: &str) -> String {
    let mut url = Url::parse(url).expect("a URL");
    url.set_username(user).expect("a user");
    url.set_password(Some(password)).expect("a password");
    url.into()
}

/// A pool of the connections of a tier, in this process.
///
/// # Panics
/// When the URL is invalid.
pub async fn connect_as(role: TierRole, url: &str) -> DatabasePool {
    let pooler = std::env::var("DATABASE_POOLER").ok();
    let pooler = pooler.filter(|_| is_pooled(url));
    let config = DatabaseConfig {
        database_url: url.parse().expect("a URL"),
        database_ca_file: None,
        database_max_connections: 3,
        database_statement_timeout_seconds: 5,
        database_pooler: pooler.map_or(Pooler::None, |name| {
            Pooler::from_str(&name, false).expect("a pooler")
        }),
    };
    let pool = analytics_shared::database::connect(&config, role).await;
    pool.expect("a pool")
}

async fn create_database(server_url: &str, name: &str) {
    let server = connect(server_url).await;
    server
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("create database");
    server.close().await.expect("close");
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(4).sqlx_logging(false);
    Database::connect(options)
        .await
        .expect("TimescaleDB answers; is the stack up?")
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        if std::thread::panicking() && std::env::var_os("KEEP_DATABASES").is_some() {
            eprintln!("kept because of KEEP_DATABASES: {}", self.url);
            return;
        }
        let (url, name) = (self.server_url.clone(), self.name.clone());
        cleanup::run(&self.name, || async move {
            let server = connect(&url).await;
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            server.execute_unprepared(&drop).await?;
            let logins = format!("DROP ROLE IF EXISTS {name}_ingest, {name}_query, {name}_sharing");
            server.execute_unprepared(&logins).await?;
            Ok(())
        });
    }
}
