//! A primary and its streaming replica for one test, started from the server binaries of the stack.

use std::time::{Duration, Instant};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};
use tempfile::TempDir;

use crate::{
    database::TestDatabase,
    dev_script::{at_port, run},
    service::free_address,
    stack::Stack,
};

/// A migrated database of a primary, and its replica.
pub struct Pair {
    /// The database of the primary, dropped before its server stops.
    pub database: TestDatabase,
    /// The replica, with the server of `database`.
    pub standby: Standby,
}

/// A replica; it and its primary are stopped when this value is dropped.
pub struct Standby {
    /// The same database, as the replica has it.
    connection: DatabaseConnection,
    /// The URL of the replica for the read tier, with its login of the primary.
    pub query_url: String,
    _servers: Servers,
}

/// The two servers, which are stopped when this value is dropped.
pub struct Servers {
    folder: TempDir,
    /// The URL of the primary for its superuser.
    pub primary_url: String,
    replica_port: u16,
}

impl Servers {
    /// Starts a primary and its replica, which have no databases yet.
    ///
    /// # Panics
    /// When they do not start; `dev/replica` prints the requirements.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let [port, replica_port] = [free_address(), free_address()].map(|at| at.port());
        let path = folder.path().to_str().expect("a path");
        let ports = [port, replica_port].map(|port| port.to_string());
        if let Err(error) = run("replica", &["up", path, &ports[0], &ports[1]]) {
            panic!("{error}");
        }
        Self {
            folder,
            primary_url: format!("postgres://analytics:analytics@127.0.0.1:{port}/postgres"),
            replica_port,
        }
    }
}

impl Pair {
    /// Starts both and migrates a database.
    ///
    /// # Panics
    /// When they do not start; `dev/replica` prints the requirements.
    pub async fn start() -> Self {
        let servers = Servers::start();
        let stack = Stack {
            database_url: servers.primary_url.clone(),
            ..Stack::from_env()
        };
        let database = TestDatabase::create(&stack).await;
        let query_url = at_port(&database.query_url, servers.replica_port);
        let mut options = ConnectOptions::new(at_port(&database.url, servers.replica_port));
        // Connections fail until the database is replicated.
        options.connect_lazy(true).max_connections(1);
        options.sqlx_logging(false);
        let standby = Standby {
            connection: Database::connect(options).await.expect("a pool"),
            query_url,
            _servers: servers,
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

impl Drop for Servers {
    fn drop(&mut self) {
        let path = self.folder.path().to_str().unwrap_or_default();
        if let Err(error) = run("replica", &["down", path]) {
            eprintln!("the servers in {path} may run on: {error}");
        }
    }
}
