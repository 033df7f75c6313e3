//! Reading one event for an answer: everything from one state of the database.

use std::sync::Arc;

use analytics_shared::{period::Period, problem::Problem};
use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;

use super::{access::ReadableEvent, asked::Asked};
use crate::{
    App,
    figures::{Compare, EventSummary, Keys, Row, Rows},
    store::{DaysQuery, EventDays, EventQuery, Snapshot},
};

/// An event as it is at the moment, for one question.
pub struct EventReading {
    /// The state of the database.
    pub snapshot: Snapshot,
    event: ReadableEvent,
    asked: Asked,
    days: Arc<EventDays>,
    /// Whether the rollup counts days in the zone that is asked for; else facts do.
    from_rollup: bool,
    /// Held as long as facts may be looked at one by one.
    _turn: Option<OwnedSemaphorePermit>,
}

impl EventReading {
    /// Begins to read the event, in the period that is asked for and in the one that it is compared with.
    /// What `is_long`, because it looks at facts one by one, waits for its turn, and so does whatever the
    /// rollup does not have.
    ///
    /// # Errors
    /// When the database fails, or no calendar goes back to what is compared with.
    pub async fn begin(
        app: &App,
        event: &ReadableEvent,
        asked: &Asked,
        compare: Option<Compare>,
        is_long: bool,
    ) -> Result<Self, Problem> {
        let zone = asked.zone();
        let from_rollup = event.rollup_zone == Some(zone);
        let turn = if is_long || !from_rollup {
            Some(app.store.turn_to_look().await?)
        } else {
            None
        };
        let query = DaysQuery {
            tenant_id: event.tenant_id,
            event_ids: &[event.event_id],
            period: asked.reach(compare)?,
            zone: app.default_zone,
            with_registry: true,
            with_rows: from_rollup,
        };
        let snapshot = app.store.snapshot().await?;
        let days = snapshot.event_days(query).await?;
        // The zone may have changed since the event was looked up.
        let rollup_zone = days
            .registry
            .as_ref()
            .map_or(Some(app.default_zone), |entry| entry.rollup_zone);
        Ok(Self {
            snapshot,
            event: event.clone(),
            asked: asked.clone(),
            from_rollup: from_rollup && rollup_zone == Some(zone),
            days,
            _turn: turn,
        })
    }

    /// The rows of the period that is asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows(&self) -> Result<Rows, Problem> {
        self.rows_of(&self.asked).await
    }

    /// What `period` is compared with, and its rows.
    ///
    /// # Errors
    /// When the database fails, or no calendar goes so far back.
    pub async fn earlier(
        &self,
        compare: Compare,
        period: Period,
    ) -> Result<(Period, Rows), Problem> {
        let earlier = self.asked.earlier(compare, period)?;
        Ok((earlier.period, self.rows_of(&earlier).await?))
    }

    /// Reading facts of `period` one by one.
    #[must_use]
    pub fn of(&self, period: Period) -> EventQuery {
        let query = self.event.query(&self.asked);
        EventQuery { period, ..query }
    }

    /// The summary of the rows of the period that is asked for, or of those that `keys` take.
    #[must_use]
    pub fn summary(&self, rows: &Rows, keys: &Keys, counting: &[&Row]) -> Arc<EventSummary> {
        if keys.are_all() {
            let query = self.event.query(&self.asked);
            let rules = self.asked.clock.rules();
            self.snapshot.event_summary(&query, rules, rows)
        } else {
            Arc::new(EventSummary::of_rows(self.event.event_id, counting))
        }
    }

    /// When anything changed last; `now` if there is nothing.
    #[must_use]
    pub fn as_of(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.days.versions().changed_at().unwrap_or(now)
    }

    /// Gives the connection back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(self) -> Result<(), Problem> {
        Ok(self.snapshot.end().await?)
    }

    async fn rows_of(&self, asked: &Asked) -> Result<Rows, Problem> {
        if self.from_rollup {
            return Ok(self.days.rows(asked.period));
        }
        Ok(self.snapshot.event_facts(&self.event.query(asked)).await?)
    }
}
