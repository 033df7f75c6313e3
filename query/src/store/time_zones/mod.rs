//! Rules of time zones, as PostgreSQL has them.

use std::time::Duration;

use analytics_shared::database::DatabasePool;
use chrono::FixedOffset;
use chrono_tz::Tz;
use moka::sync::Cache;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{analytics::TimeZoneRules, store::error::StoreError};

/// The time after which rules are read again, because an update of the server may change them.
const TIME_TO_LIVE: Duration = Duration::from_hours(1);
/// More than the number of zones.
const MAX_ZONES: u64 = 1_000;

/// Rules of time zones.
#[derive(Clone)]
pub struct TimeZoneCache(Cache<Tz, TimeZoneRules>);

impl Default for TimeZoneCache {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(MAX_ZONES)
            .time_to_live(TIME_TO_LIVE);
        Self(cache.build())
    }
}

impl TimeZoneCache {
    /// Returns the rules of `zone`, read from the database if they are not cached.
    pub async fn get(
        &self,
        database: &DatabasePool,
        zone: Tz,
    ) -> Result<TimeZoneRules, StoreError> {
        if let Some(rules) = self.0.get(&zone) {
            return Ok(rules);
        }
        let rules = read(database, zone).await?;
        self.0.insert(zone, rules.clone());
        Ok(rules)
    }
}

async fn read(database: &DatabasePool, zone: Tz) -> Result<TimeZoneRules, StoreError> {
    let sql = include_str!("offsets.sql");
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [zone.name().into()]);
    let rows = database.query_all_raw(statement).await;
    let rows = rows.map_err(|error| StoreError::with_zone(error, zone))?;
    let offsets = rows.iter().map(|row| {
        let offset = FixedOffset::east_opt(row.try_get("", "seconds")?);
        let offset = offset.ok_or(StoreError::UnexpectedRow("an offset of a day or more"))?;
        Ok((row.try_get("", "at")?, offset))
    });
    let offsets = offsets.collect::<Result<_, StoreError>>()?;
    Ok(TimeZoneRules::new(zone, offsets))
}
