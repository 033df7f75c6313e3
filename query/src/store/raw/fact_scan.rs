//! Facts of an event one by one, for figures that need each by itself.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::TryStreamExt;
use sea_orm::{DbBackend, QueryResult, Statement, StreamTrait};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    EventQuery, Snapshot, Store, StoreError,
    decode::{self, event_types},
    turn,
};
use crate::{
    figures::{Keys, Kind, Moment},
    metrics,
};

/// Answers that are made from facts one by one at the same time, at most: each may take seconds of the
/// database, and as much memory as a large event has registrations.
pub(super) const LOOKS: usize = 2;
/// How long one more waits for its turn.
const TURN: Duration = Duration::from_secs(20);

impl Store {
    /// The turn of an answer that may look at many facts one by one; it ends with the value. To be taken
    /// before a snapshot, so that nobody holds a connection while waiting.
    ///
    /// # Errors
    /// When there is none for too long.
    pub async fn turn_to_look(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let turn = turn(&self.look_slots, TURN).await;
        turn.ok_or(StoreError::TooManyLooks)
    }
}

impl Snapshot {
    /// Hands the facts of these kinds to `take`, one after the other, so that none has to be kept.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn each_moment(
        &self,
        read: &EventQuery,
        kinds: &[Kind],
        mut take: impl FnMut(&Moment) + Send,
    ) -> Result<(), StoreError> {
        let sql = include_str!("fact_scan.sql");
        let values = [
            read.tenant_id.into(),
            read.event_id.into(),
            read.period.from.into(),
            read.period.to.into(),
            read.zone.name().into(),
            event_types(kinds),
        ];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let with_zone = |error| StoreError::with_zone(error, read.zone);
        let started = Instant::now();
        let mut found = self
            .connection()
            .stream_raw(statement)
            .await
            .map_err(with_zone)?;
        while let Some(row) = found.try_next().await.map_err(with_zone)? {
            take(&moment(&row)?);
        }
        metrics::read("facts", started.elapsed());
        Ok(())
    }

    /// When the first and the last fact of the event happened that figures count, of those that `keys`
    /// take, which lie on these days.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn event_ends(
        &self,
        read: &EventQuery,
        days: (NaiveDate, NaiveDate),
        keys: &Keys,
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError> {
        let values = vec![
            read.tenant_id.into(),
            read.event_id.into(),
            days.0.into(),
            days.1.into(),
            read.zone.name().into(),
            event_types(&Kind::ALL),
            keys.source.clone().into(),
            keys.ticket_types.clone().into(),
        ];
        let sql = include_str!("fact_range.sql");
        let found = self.find("facts", sql, values, read.zone).await?;
        let row = found
            .first()
            .ok_or(StoreError::UnexpectedRow("no row of two facts"))?;
        let (first, last) = (row.try_get("", "first_at")?, row.try_get("", "last_at")?);
        Ok(Option::zip(first, last))
    }
}

fn moment(found: &QueryResult) -> Result<Moment, StoreError> {
    // By place: looking names up takes longer than reading.
    Ok(Moment {
        at: found.try_get_by_index(0)?,
        kind: decode::kind(&found.try_get_by_index::<String>(1)?)?,
        source: found.try_get_by_index(2)?,
        ticket_type: found.try_get_by_index(3)?,
        visitor: found.try_get_by_index(4)?,
        registration: found.try_get_by_index(5)?,
    })
}
