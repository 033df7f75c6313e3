//! Reading one event for an answer: everything from one state of the database.

use analytics_shared::{period::Period, problem::Problem};
use chrono::{DateTime, Utc};
use tokio::sync::OwnedSemaphorePermit;

use super::{access::ReadableEvent, asked::Asked};
use crate::{
    App,
    figures::{Compare, Rows},
    store::{EventRead, Snapshot, Versions},
};

/// An event as it is at the moment, for one question.
pub struct EventReading {
    /// The state of the database.
    pub snapshot: Snapshot,
    event: ReadableEvent,
    asked: Asked,
    versions: Versions,
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
        let turn = if is_long || event.read(asked).is_of_facts() {
            Some(app.store.turn_to_look().await?)
        } else {
            None
        };
        let reach = asked.reach(compare)?;
        let snapshot = app.store.snapshot().await?;
        let versions = snapshot.event_versions(event.tenant_id, event.event_id, reach);
        let versions = versions.await?;
        Ok(Self {
            snapshot,
            event: event.clone(),
            asked: asked.clone(),
            versions,
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
    pub fn of(&self, period: Period) -> EventRead {
        let read = self.event.read(&self.asked);
        EventRead { period, ..read }
    }

    /// When anything changed last; `now` if there is nothing.
    #[must_use]
    pub fn as_of(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.versions.changed_at().unwrap_or(now)
    }

    /// Gives the connection back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(self) -> Result<(), Problem> {
        Ok(self.snapshot.end().await?)
    }

    async fn rows_of(&self, asked: &Asked) -> Result<Rows, Problem> {
        let read = self.event.read(asked);
        Ok(self.snapshot.event_rows(&read, &self.versions).await?)
    }
}
