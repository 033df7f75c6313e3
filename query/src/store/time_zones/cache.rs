//! The clocks of zones, by the database's rules.

use std::time::Duration;

use chrono::FixedOffset;
use chrono_tz::Tz;
use moka::sync::Cache;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::{Store, StoreError};
use crate::figures::ZoneClock;

/// How long a clock is used before its rules are read again: a server may get new ones.
const TRUST: Duration = Duration::from_hours(1);
/// There are fewer zones than that.
const MOST: u64 = 1_000;

/// Clocks that were read before.
#[derive(Clone)]
pub(super) struct Clocks(Cache<Tz, ZoneClock>);

impl Clocks {
    /// None yet.
    pub fn new() -> Self {
        let cache = Cache::builder().max_capacity(MOST).time_to_live(TRUST);
        Self(cache.build())
    }
}

impl Store {
    /// The clocks of `zone`.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn clock(&self, zone: Tz) -> Result<ZoneClock, StoreError> {
        if let Some(known) = self.clocks.0.get(&zone) {
            return Ok(known);
        }
        let clock = read(&self.database, zone).await?;
        self.clocks.0.insert(zone, clock.clone());
        Ok(clock)
    }
}

async fn read(database: &DatabaseConnection, zone: Tz) -> Result<ZoneClock, StoreError> {
    let sql = include_str!("offsets.sql");
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [zone.name().into()]);
    let found = database.query_all_raw(statement).await;
    let found = found.map_err(|error| StoreError::with_zone(error, zone))?;
    let offsets = found.iter().map(|row| {
        let offset = FixedOffset::east_opt(row.try_get("", "seconds")?);
        let offset = offset.ok_or(StoreError::UnexpectedRow("an offset of a day and more"))?;
        Ok((row.try_get("", "at")?, offset))
    });
    let offsets = offsets.collect::<Result<_, StoreError>>()?;
    Ok(ZoneClock::new(zone, offsets))
}
