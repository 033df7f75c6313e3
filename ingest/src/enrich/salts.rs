//! The salt of the day, remembered for as long as it is the day's.

use std::time::Duration;

use chrono::NaiveDate;
use moka::future::Cache;
use rand::Rng;

use super::visitor::{SALT_BYTES, Salt};
use crate::store::{Store, StoreError};

/// Salts that one process remembers: today's, and at midnight that of a clock behind ours.
const REMEMBERED: u64 = 2;
/// How long it remembers them: they are destroyed in the database, so here as well.
const REMEMBERED_FOR: Duration = Duration::from_hours(24);

/// The salts of days.
#[derive(Clone)]
pub struct Salts {
    store: Store,
    recent: Cache<NaiveDate, Salt>,
}

impl Salts {
    /// The salts that `store` keeps.
    pub fn of(store: Store) -> Self {
        let recent = Cache::builder()
            .max_capacity(REMEMBERED)
            .time_to_live(REMEMBERED_FOR)
            .build();
        Self { store, recent }
    }

    /// The salt of `day`, the same for all replicas.
    pub async fn on(&self, day: NaiveDate) -> Result<Salt, StoreError> {
        if let Some(salt) = self.recent.get(&day).await {
            return Ok(salt);
        }
        let mut fresh = [0; SALT_BYTES];
        rand::rng().fill_bytes(&mut fresh);
        let stored = self.store.salt(day, fresh.to_vec()).await?;
        // The table holds salts of this length alone.
        let salt = stored.try_into().unwrap_or(fresh);
        self.recent.insert(day, salt).await;
        Ok(salt)
    }
}
