//! Rollup rows of events in another zone than the rollup counts days in, recounted from their facts.

use std::{collections::HashMap, time::Instant};

use analytics_shared::period::Period;
use chrono::NaiveDate;
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sea_orm::{DbBackend, Statement, StreamTrait};
use uuid::Uuid;

use super::{
    Snapshot, StoreError,
    decode::{RowDecoder, driver_row, event_types},
};
use crate::{
    figures::{DayRows, Kind, Row, Rows},
    metrics,
};

/// Rows of one event that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct EventQuery {
    /// The tenant whose facts are counted.
    pub tenant_id: Uuid,
    /// The event.
    pub event_id: Uuid,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone of the days.
    pub zone: Tz,
}

impl EventQuery {
    /// The same of one day.
    #[must_use]
    pub fn of_day(self, day: NaiveDate) -> Self {
        let period = Period { from: day, to: day };
        Self { period, ..self }
    }
}

impl Snapshot {
    /// The rows of one event, from its facts.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn event_facts(&self, query: &EventQuery) -> Result<Rows, StoreError> {
        let events = vec![query.event_id];
        let mut found = self
            .facts_of(query.tenant_id, events, query.period, query.zone)
            .await?;
        Ok(found.remove(&query.event_id).unwrap_or_default())
    }

    /// The rows of some events of a tenant, from their facts. An event without facts is missing.
    pub(super) async fn facts_of(
        &self,
        tenant_id: Uuid,
        events: Vec<Uuid>,
        period: Period,
        zone: Tz,
    ) -> Result<HashMap<Uuid, Rows>, StoreError> {
        let values = [
            tenant_id.into(),
            events.into(),
            period.from.into(),
            period.to.into(),
            zone.name().into(),
            event_types(&Kind::ALL),
            event_types(&Kind::VISITED),
        ];
        let sql = include_str!("recounted_rows.sql");
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let with_zone = |error| StoreError::with_zone(error, zone);
        let started = Instant::now();
        let mut found = self
            .connection()
            .stream_raw(statement)
            .await
            .map_err(with_zone)?;
        let (mut events, mut decoder) = (HashMap::<_, Vec<Row>>::new(), RowDecoder::default());
        while let Some(next) = found.try_next().await.map_err(with_zone)? {
            if let Some(row) = decoder.decode(driver_row(&next)?)? {
                events.entry(row.event_id).or_default().push(row);
            }
        }
        metrics::read("facts", started.elapsed());
        let by_event = events
            .into_iter()
            .map(|(event_id, rows)| (event_id, DayRows::by_day(rows).into_iter().collect()));
        Ok(by_event.collect())
    }
}
