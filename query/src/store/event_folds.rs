//! All events of a tenant, folded: those that have not changed are remembered, and of those that
//! have, only the days that are new are read, unless there are many.

use std::{collections::HashMap, sync::Arc, time::Instant};

use analytics_shared::period::{self, Period};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::TryStreamExt;
use sea_orm::{DbBackend, Statement, StreamTrait};
use uuid::Uuid;

use super::{
    EventRead, Snapshot, StoreError,
    folds::Key,
    rows::{event_types, row},
    tenant_versions::EventVersion,
};
use crate::{
    figures::{EventFold, Kind, Piece, Row, Rows, UnitedDays},
    metrics,
};

/// Events that are read one by one, by their days, at most. More of them are read by one statement,
/// and their days are not remembered.
const FEW: usize = 10;
/// Rows of an event that are folded together at most.
const ROWS_AT_ONCE: usize = 16_384;

/// Events of a tenant that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct FoldsRead {
    /// The tenant.
    pub tenant_id: Uuid,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone that days are wanted in.
    pub zone: Tz,
    /// What stands for its rules.
    pub rules: u64,
    /// The zone of events that name none.
    pub default_zone: Tz,
}

/// The events of a tenant over a period.
#[derive(Clone, Debug)]
pub struct Folded {
    /// Those with facts in the period, in the order of their ids.
    pub events: Vec<Arc<EventFold>>,
    /// When anything of them changed last; `None` if there is nothing.
    pub changed_at: Option<DateTime<Utc>>,
}

impl FoldsRead {
    fn key(&self, event_id: Option<Uuid>) -> Key {
        Key {
            tenant_id: self.tenant_id,
            event_id,
            period: self.period,
            zone: self.zone,
            rules: self.rules,
        }
    }

    /// Whether the rollup counts the days of the event in the zone that is wanted.
    fn is_in_rollup(&self, event: &EventVersion) -> bool {
        event.zone == self.zone.name()
    }
}

impl Snapshot {
    /// The events of a tenant.
    ///
    /// # Errors
    /// When the database fails, or does not know the zone.
    pub async fn event_folds(&self, read: &FoldsRead) -> Result<Folded, StoreError> {
        let versions = self
            .tenant_versions(read.tenant_id, read.period, read.default_zone)
            .await?;
        let (mut events, mut changed) = (Vec::with_capacity(versions.0.len()), Vec::new());
        for event in &versions.0 {
            match self
                .folds
                .get(&read.key(Some(event.event_id)), event.versions)
            {
                Some(fold) => events.push(fold),
                None => changed.push(event),
            }
        }
        if changed.len() > FEW {
            events.extend(self.fold_all(read, &changed).await?);
        } else {
            for event in changed {
                events.push(self.fold(read, event).await?);
            }
        }
        // What changed may be days that lie in the period in other zones alone.
        events.retain(|fold| fold.days().next().is_some());
        events.sort_unstable_by_key(|fold| fold.event_id());
        Ok(Folded {
            events,
            changed_at: versions.changed_at(),
        })
    }

    /// The days of these events together; those that have not changed are not united again.
    #[must_use]
    pub fn united_days(&self, read: &FoldsRead, events: &[Arc<EventFold>]) -> Arc<UnitedDays> {
        let key = read.key(None);
        let before = self.folds.days(&key).unwrap_or_default();
        self.folds.put_days(key, UnitedDays::of(events, &before))
    }

    async fn fold(
        &self,
        read: &FoldsRead,
        event: &EventVersion,
    ) -> Result<Arc<EventFold>, StoreError> {
        let own_zone = if read.is_in_rollup(event) {
            read.zone
        } else {
            period::zone(&event.zone)?
        };
        let of_event = EventRead {
            tenant_id: read.tenant_id,
            event_id: event.event_id,
            period: read.period,
            zone: read.zone,
            own_zone,
        };
        let days = self
            .event_versions(read.tenant_id, event.event_id, read.period)
            .await?;
        let rows = self.event_rows(&of_event, &days).await?;
        let fold = EventFold::of(event.event_id, &rows);
        let key = read.key(Some(event.event_id));
        Ok(self.folds.put(key, event.versions, fold))
    }

    /// Folds events as their rows come, so that no more of them than some of one event are held.
    async fn fold_all(
        &self,
        read: &FoldsRead,
        events: &[&EventVersion],
    ) -> Result<Vec<Arc<EventFold>>, StoreError> {
        let started = Instant::now();
        let with_zone = |error| StoreError::with_zone(error, read.zone);
        let statement = statement(read, events);
        let mut found = self
            .connection()
            .stream_raw(statement)
            .await
            .map_err(with_zone)?;
        let (mut folds, mut rows) = (HashMap::new(), Vec::<Row>::new());
        while let Some(next) = found.try_next().await.map_err(with_zone)? {
            let row = row(&next)?;
            let is_another = |last: &Row| last.event_id != row.event_id;
            if rows.last().is_some_and(is_another) || rows.len() == ROWS_AT_ONCE {
                take(&mut rows, &mut folds);
            }
            rows.push(row);
        }
        take(&mut rows, &mut folds);
        metrics::read("mixed", started.elapsed());
        let folded = events.iter().map(|event| {
            let event_id = event.event_id;
            let fold = folds.remove(&event_id);
            let fold = fold.unwrap_or_else(|| EventFold::of(event_id, &Rows::default()));
            self.folds
                .put(read.key(Some(event_id)), event.versions, fold)
        });
        Ok(folded.collect())
    }
}

fn statement(read: &FoldsRead, events: &[&EventVersion]) -> Statement {
    let (ids, are_in_rollup): (Vec<Uuid>, Vec<bool>) = events
        .iter()
        .map(|event| (event.event_id, read.is_in_rollup(event)))
        .unzip();
    let values = [
        read.tenant_id.into(),
        ids.into(),
        are_in_rollup.into(),
        read.period.from.into(),
        read.period.to.into(),
        event_types(&Kind::ALL),
        event_types(&EventFold::VISITED),
        read.zone.name().into(),
    ];
    let sql = include_str!("tenant_events.sql");
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// Folds the rows, which are of one event, and adds them to what is known of it.
fn take(rows: &mut Vec<Row>, folds: &mut HashMap<Uuid, EventFold>) {
    let Some(event_id) = rows.first().map(|row| row.event_id) else {
        return;
    };
    let fold = EventFold::of(event_id, &Piece::of(std::mem::take(rows)).into());
    match folds.remove(&event_id) {
        Some(mut known) => {
            known.unite(fold);
            folds.insert(event_id, known);
        }
        None => _ = folds.insert(event_id, fold),
    }
}
