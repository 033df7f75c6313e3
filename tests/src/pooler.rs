//! `PgBouncer` in transaction mode before the server of the stack: for one test, or for all.

use tempfile::TempDir;

use crate::{
    dev_script::{at_port, run},
    service::free_address,
    stack::Stack,
};

/// A parameter that programs replace by one of their own.
const MARK: &str = "application_name=pooled";

/// A pooler, which is stopped when this value is dropped.
pub struct Pooler {
    port: u16,
    folder: TempDir,
}

impl Pooler {
    /// Starts `PgBouncer` with more settings, such as `max_prepared_statements=0`.
    ///
    /// # Panics
    /// When it does not start; `dev/pooler` prints the requirements.
    #[must_use]
    pub fn start(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_str().expect("a path");
        let port = free_address().port();
        let server = Stack::from_env().database_url;
        let port_text = port.to_string();
        let arguments = ["up", path, &port_text, &server];
        if let Err(error) = run("pooler", &[&arguments, settings].concat()) {
            panic!("{error}");
        }
        Self { port, folder }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of the same database and login through this pooler.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        through(url, self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let path = self.folder.path().to_str().unwrap_or_default();
        if let Err(error) = run("pooler", &["down", path]) {
            eprintln!("the pooler in {path} may run on: {error}");
        }
    }
}

/// The port of the pooler through which all tests reach the server of the stack, if there is one: `dev/test-full` sets
/// `TEST_POOLER_PORT`, and `DATABASE_POOLER` for all programs.
#[must_use]
pub fn port_of_all_tests() -> Option<u16> {
    let port = std::env::var("TEST_POOLER_PORT").ok()?;
    Some(port.parse().expect("a port in TEST_POOLER_PORT"))
}

/// The messages with which a client of all tests executes one statement. Behind a pooler it is in a transaction of its own,
/// which begins with the settings.
#[must_use]
pub fn messages_of_statement() -> u64 {
    if port_of_all_tests().is_some() { 4 } else { 1 }
}

/// The URL of the same database and login through the pooler at a port, marked as such: there may be a proxy before the
/// pooler.
#[must_use]
pub fn through(url: &str, port: u16) -> String {
    format!("{}?{MARK}", at_port(url, port))
}

/// Whether a URL leads through a pooler.
#[must_use]
pub fn is_pooled(url: &str) -> bool {
    url.contains(MARK)
}
