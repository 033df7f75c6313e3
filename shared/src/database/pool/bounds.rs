//! The limits of trust in the connections of a pool.

use std::{io, time::Duration};

use sea_orm::sqlx::{Connection, Error, postgres::PgPoolOptions};
use tokio::time::timeout;

/// The idle time after which a connection is tested before it is used again. When it was used more recently, the
/// test on its release is enough.
pub const IDLE_BEFORE_TEST: Duration = Duration::from_secs(1);
/// The time in which a server cancels a statement after its time-out.
const CANCEL_SECONDS: u32 = 5;

/// Closes a connection that does not end its statement in time after the caller has dropped it. The pool itself
/// waits without a bound, and would have no connection left after an outage in which the packets of all were
/// lost.
pub fn bound_release(options: PgPoolOptions, statement_timeout_seconds: u32) -> PgPoolOptions {
    // Without this time the server would go on with statements that the pool no longer counts.
    let bound = Duration::from_secs((statement_timeout_seconds + CANCEL_SECONDS).into());
    options.after_release(move |connection, _| {
        Box::pin(async move {
            match timeout(bound, connection.ping()).await {
                Ok(tested) => tested.map(|()| true),
                Err(_) => Err(Error::Io(io::ErrorKind::TimedOut.into())),
            }
        })
    })
}
