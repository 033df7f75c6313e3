//! Migrations beside a running service: each is a transaction that waits only shortly for the lock of a table, because
//! every statement of the service queues behind a waiting change.

use std::time::Duration;

use analytics_shared::database::DatabasePool;
use anyhow::{Context, bail};
use backon::{BackoffBuilder, ExponentialBuilder};
use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{DatabaseTransaction, DbErr, RuntimeErr, sqlx::error::DatabaseError},
};

use super::{lock::begin_schema_change, schema_state::SchemaState};

/// The time for which a statement of a migration waits for a lock. A migration changes one table: one that holds the lock
/// of a first table and waits for a second would wait for transactions that wait for the first.
const LOCK_TIMEOUT: &str = "500ms";
/// The delays between attempts to get all locks of a migration, in which the service catches up.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_secs(1))
    .with_max_delay(Duration::from_secs(10))
    .with_total_delay(Some(Duration::from_mins(5)))
    .without_max_times()
    .with_jitter();
/// SQLSTATE of a lock that is not available in time, and of a deadlock.
const LOCKED: [&str; 2] = ["55P03", "40P01"];

/// Applies the pending migrations of `M`, oldest first, and returns their number. A newer schema is left as it is.
///
/// # Errors
/// When a migration fails, which is rolled back, or does not get its locks within five minutes.
pub async fn up<M: MigratorTrait>(pool: &DatabasePool) -> anyhow::Result<usize> {
    let mut applied = 0;
    loop {
        // Read again under the lock of the schema by the migrator: another process may be migrating as well.
        let state = SchemaState::read::<M>(pool)
            .await
            .context("cannot read the applied migrations")?;
        let Some(next) = state.pending.first() else {
            return Ok(applied);
        };
        if state.is_newer() {
            bail!(
                "the migrations {} are unknown to this program, and {next} is missing in the database: \
                 both come from different versions. Use the program that has applied the unknown ones",
                state.unknown.join(", ")
            );
        }
        change(pool, async |transaction| M::up(transaction, Some(1)).await)
            .await
            .with_context(|| format!("the migration {next} failed and was rolled back"))?;
        applied += 1;
    }
}

/// Reverts the last migrations of `M`.
///
/// # Errors
/// As [`up`].
pub async fn down<M: MigratorTrait>(pool: &DatabasePool, steps: u32) -> anyhow::Result<()> {
    change(pool, async |transaction| {
        M::down(transaction, Some(steps)).await
    })
    .await
    .context("a migration was not reverted")
}

/// Runs a change of the schema in one transaction, and repeats it while locks are not available.
///
/// # Errors
/// When a statement fails, or a lock is not available within five minutes.
pub async fn change(
    pool: &DatabasePool,
    run: impl AsyncFn(&DatabaseTransaction) -> Result<(), DbErr>,
) -> anyhow::Result<()> {
    let mut delays = BACKOFF.build();
    loop {
        let result = attempt(pool, &run).await;
        match result {
            Err(error) if is_locked(&error) => {
                let Some(delay) = delays.next() else {
                    return Err(error).context(
                        "the tables were in use for five minutes: find the statements in pg_stat_activity",
                    );
                };
                tracing::warn!(
                    delay_ms = delay.as_millis(),
                    "a table is in use: the change is repeated later, so that the service does not wait for it"
                );
                tokio::time::sleep(delay).await;
            }
            result => return Ok(result?),
        }
    }
}

async fn attempt(
    pool: &DatabasePool,
    run: &impl AsyncFn(&DatabaseTransaction) -> Result<(), DbErr>,
) -> Result<(), DbErr> {
    let transaction = begin_schema_change(pool, LOCK_TIMEOUT).await?;
    match run(&transaction).await {
        Ok(()) => transaction.commit().await,
        Err(error) => {
            // Without an error of its own: the connection may be broken.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

fn is_locked(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) =
        error
    else {
        return false;
    };
    let code = cause.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| LOCKED.contains(&code.as_ref()))
}
