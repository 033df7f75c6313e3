//! Waiting for a database that starts at the same time as the migration.

use std::time::Duration;

use analytics_migration::connection::connect;
use analytics_shared::database::{DatabasePool, SessionSettings};
use anyhow::Context;
use sea_orm_migration::sea_orm::sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep, timeout};

/// The time-out of one attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// The wait for the database.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct WaitConfig {
    /// Time for which the command waits for a database that does not accept connections, in seconds.
    #[arg(long, env = "DATABASE_WAIT_SECONDS", default_value_t = 60)]
    wait_seconds: u64,
}

impl WaitConfig {
    /// Connects to the database, as soon as it accepts connections.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn connect(self, url: &str) -> anyhow::Result<DatabasePool> {
        let deadline = Instant::now() + Duration::from_secs(self.wait_seconds);
        let mut is_waiting = false;
        while let Err(error) = probe(url).await {
            if Instant::now() + PAUSE > deadline {
                let waited = self.wait_seconds;
                return Err(error)
                    .with_context(|| format!("the database was not available within {waited} s"));
            }
            if !is_waiting {
                let (seconds, error) = (self.wait_seconds, format!("{error:#}"));
                tracing::warn!(seconds, error, "waiting for the database");
                is_waiting = true;
            }
            sleep(PAUSE).await;
        }
        connect(url, SessionSettings::default()).await
    }
}

/// Connects once: a pool would not return the reason of a failure.
async fn probe(url: &str) -> anyhow::Result<()> {
    let connecting = timeout(CONNECT_TIMEOUT, PgConnection::connect(url));
    let connection = connecting.await.context("no response")??;
    Ok(connection.close().await?)
}
