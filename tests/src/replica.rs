//! A primary and its streaming replica for one test, started from the server binaries of the stack.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use tempfile::TempDir;
use url::Url;

use crate::{database::TestDatabase, service::free_address, stack::Stack};

/// A migrated database of a primary, and its replica.
pub struct Pair {
    /// The database of the primary, dropped before its server stops.
    pub database: TestDatabase,
    /// The replica, with the server of `database`.
    pub standby: Standby,
}

/// A replica and its primary, which are stopped when this value is dropped.
pub struct Standby {
    /// The same database, as the replica has it.
    connection: DatabaseConnection,
    /// The URL of the replica for the read tier, with its login of the primary.
    pub query_url: String,
    folder: TempDir,
}

impl Pair {
    /// Starts both and migrates a database.
    ///
    /// # Panics
    /// When they do not start; `dev/replica` prints the requirements.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [port, replica_port] = [free_address(), free_address()].map(|at| at.port().to_string());
        let path = folder.path().to_str().expect("a path");
        if let Err(error) = script(&["up", path, &port, &replica_port]) {
            panic!("{error}");
        }
        let server = |port| format!("postgres://analytics:analytics@127.0.0.1:{port}/postgres");
        let stack = Stack {
            database_url: server(port),
            ..Stack::from_env()
        };
        let database = TestDatabase::create(&stack).await;
        let replica = server(replica_port);
        let query_url = moved(&database.query_url, &replica);
        let mut options = ConnectOptions::new(moved(&database.url, &replica));
        // Connections fail until the database is replicated.
        options.connect_lazy(true).max_connections(1);
        options.sqlx_logging(false);
        let standby = Standby {
            connection: Database::connect(options).await.expect("a pool"),
            query_url,
            folder,
        };
        standby.until_caught_up(&database).await;
        Self { database, standby }
    }
}

impl Standby {
    /// Waits until the replica has received the current data of `primary`.
    ///
    /// # Panics
    /// When it has not within 20 seconds.
    pub async fn until_caught_up(&self, primary: &TestDatabase) {
        let written = "SELECT (pg_current_wal_lsn() - '0/0')::BIGINT";
        let written = primary.number(written).await;
        let replayed = "SELECT (pg_last_wal_replay_lsn() - '0/0')::BIGINT";
        let replayed = Statement::from_string(DbBackend::Postgres, replayed);
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let found = self.connection.query_one_raw(replayed.clone()).await;
            let row = found.as_ref().ok().and_then(Option::as_ref);
            let has = row.and_then(|row| row.try_get_by_index::<i64>(0).ok());
            if has.is_some_and(|has| has >= written) {
                return;
            }
            assert!(Instant::now() < deadline, "{found:?}, not {written}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Runs a statement of an administrator on the replica.
    ///
    /// # Panics
    /// When it fails.
    pub async fn run(&self, sql: &str) {
        let run = self.connection.execute_unprepared(sql).await;
        run.expect("the statement runs");
    }
}

/// The URL of the same database and login on another server.
fn moved(url: &str, server: &str) -> String {
    let (url, server) = (Url::parse(url), Url::parse(server));
    let (mut url, server) = (url.expect("a URL"), server.expect("a URL"));
    url.set_port(server.port()).expect("a port");
    url.into()
}

/// Runs `dev/replica`; the error is its output.
fn script(arguments: &[&str]) -> Result<(), String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/replica");
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&said).into_owned())
}

impl Drop for Standby {
    fn drop(&mut self) {
        let path = self.folder.path().to_str().unwrap_or_default();
        if let Err(error) = script(&["down", path]) {
            eprintln!("the servers in {path} may run on: {error}");
        }
    }
}
