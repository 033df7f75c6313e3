//! The monitor of a database, which checks every second whether the tier can use it.

use std::time::Duration;

use sea_orm::{
    DbErr,
    sqlx::{Error, PgPool},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout_at},
};

use super::state::{DatabaseState, state_of};
use crate::{
    config::DatabaseConfig,
    database::{TierRole, connect, pool::database_pool::DatabasePool},
};

/// The time between two checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The time-out of a check, with connecting.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// The newest findings about a database.
#[derive(Clone, Debug)]
pub struct DatabaseMonitor {
    state: watch::Receiver<DatabaseState>,
    replica_lag: watch::Receiver<f64>,
}

impl DatabaseMonitor {
    /// Checks the database of `pool`, and again every second until the process ends, on a connection of its own that no
    /// load on the pool delays. While the database cannot be used, the idle connections of the pool are closed: they
    /// may lead to a server that is no longer the primary. Returns after the first check, which takes 2 s at most.
    ///
    /// # Errors
    /// As [`connect`].
    pub async fn start(
        config: &DatabaseConfig,
        role: TierRole,
        pool: &DatabasePool,
    ) -> Result<Self, DbErr> {
        let (lag_sender, replica_lag) = watch::channel(0.0);
        let checked = connect(&config.single_connection(), role).await?;
        let first = check(&checked, role, None, &lag_sender).await;
        let (sender, state) = watch::channel(first);
        let pool = pool.driver_pool().clone();
        tokio::spawn(async move {
            loop {
                let last = sender.borrow().clone();
                if !last.is_usable() {
                    close_idle(&pool);
                }
                sleep(CHECK_INTERVAL).await;
                let state = check(&checked, role, Some(&last), &lag_sender).await;
                if state != last {
                    sender.send_replace(state);
                }
            }
        });
        Ok(Self { state, replica_lag })
    }

    /// Returns the newest state.
    #[must_use]
    pub fn state(&self) -> DatabaseState {
        self.state.borrow().clone()
    }

    /// Returns the newest delay of a replica, in seconds; 0 for a primary.
    #[must_use]
    pub fn replica_lag(&self) -> f64 {
        *self.replica_lag.borrow()
    }

    /// Waits for another state, and returns it; `None` after the monitor has ended.
    pub async fn changed(&mut self) -> Option<DatabaseState> {
        self.state.changed().await.ok()?;
        Some(self.state.borrow_and_update().clone())
    }
}

/// Checks the database, and logs a state that differs from the last.
async fn check(
    checked: &DatabasePool,
    role: TierRole,
    last: Option<&DatabaseState>,
    replica_lag: &watch::Sender<f64>,
) -> DatabaseState {
    let (state, error) = find(checked, role, replica_lag).await;
    if last == Some(&state) {
        return state;
    }
    match &state {
        DatabaseState::Usable { newer } => {
            if last.is_some() {
                tracing::info!("the database is available again");
            }
            if !newer.is_empty() {
                tracing::info!(migrations = ?newer, "the schema is newer than this program, which tolerates it");
            }
        }
        unusable => {
            let error = error.unwrap_or_default();
            tracing::warn!(state = %unusable, error, "the database is unavailable");
        }
    }
    state
}

/// Returns the state, and the error of the check, if there is one. Sends the delay of a replica that responds.
async fn find(
    checked: &DatabasePool,
    role: TierRole,
    replica_lag: &watch::Sender<f64>,
) -> (DatabaseState, Option<String>) {
    let deadline = Instant::now() + CHECK_TIMEOUT;
    let acquiring = timeout_at(deadline, checked.driver_pool().acquire());
    let (mut connection, found) = match acquiring.await.unwrap_or(Err(Error::PoolTimedOut)) {
        Ok(mut connection) => {
            let reading = checked.check_session(&mut connection);
            let reading = timeout_at(deadline, reading).await;
            let found = reading.unwrap_or(Err(Error::PoolTimedOut));
            (Some(connection), found)
        }
        Err(error) => (None, Err(error)),
    };
    if let Ok(session) = &found {
        replica_lag.send_replace(session.replica_lag);
    }
    let error = found.as_ref().err().map(ToString::to_string);
    let state = state_of(found, role);
    if let Some(connection) = &mut connection
        && !state.is_usable()
    {
        // It may be in the middle of a response, or lead to a server that is no longer the primary.
        connection.close_on_drop();
    }
    (state, error)
}

fn close_idle(pool: &PgPool) {
    while let Some(mut connection) = pool.try_acquire() {
        connection.close_on_drop();
    }
}
