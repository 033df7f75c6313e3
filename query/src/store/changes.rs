//! An event that is looked at again and again: each look reads only what is new.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::period::{self, Period};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use uuid::Uuid;

use super::{
    Store, StoreError,
    rows::{event_types, row},
    versions::{State, within},
};
use crate::figures::{Kind, Piece, Row, Rows};

/// An event as it was when it was looked at last. Before the first look nothing is known.
#[derive(Clone, Debug)]
pub struct SeenEvent {
    tenant_id: Uuid,
    event_id: Uuid,
    title: Option<String>,
    zone: Option<Tz>,
    days: BTreeMap<NaiveDate, SeenDay>,
}

#[derive(Clone, Debug)]
struct SeenDay {
    version: i64,
    changed_at: DateTime<Utc>,
    piece: Arc<Piece>,
}

impl SeenEvent {
    /// The event as `tenant_id` has it, not looked at yet.
    #[must_use]
    pub fn new(tenant_id: Uuid, event_id: Uuid) -> Self {
        Self {
            tenant_id,
            event_id,
            title: None,
            zone: None,
            days: BTreeMap::new(),
        }
    }

    /// Its title, where it was published by this tenant.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The zone that it names; its days are counted in it.
    #[must_use]
    pub fn zone(&self) -> Option<Tz> {
        self.zone
    }

    /// What tells the state of its days from others.
    #[must_use]
    pub fn state(&self) -> State {
        State::of(self.days.values().map(|day| day.version))
    }

    /// When any of its days changed last; `None` if there is nothing on them.
    #[must_use]
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.days.values().map(|day| day.changed_at).max()
    }

    /// The rows of the days of `period`.
    #[must_use]
    pub fn rows(&self, period: Period) -> Rows {
        let days = self.days.range(period.from..=period.to);
        days.map(|(_, day)| Arc::clone(&day.piece)).collect()
    }
}

impl Store {
    /// Looks at `event` again, at all days that may lie in `period` in any zone.
    ///
    /// # Errors
    /// When the database fails; `event` is then as it was.
    pub async fn look_again(
        &self,
        event: &mut SeenEvent,
        period: Period,
    ) -> Result<(), StoreError> {
        let (from, to) = within(period);
        let known = event.days.iter();
        let (days, versions): (Vec<NaiveDate>, Vec<i64>) =
            known.map(|(&day, seen)| (day, seen.version)).unzip();
        let values = [
            event.tenant_id.into(),
            event.event_id.into(),
            from.into(),
            to.into(),
            days.into(),
            versions.into(),
            event_types(&Kind::ALL),
            event_types(&Kind::VISITED),
        ];
        let sql = include_str!("event_changes.sql");
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let found = self.database.query_all_raw(statement).await?;
        event.take(&found)
    }
}

impl SeenEvent {
    fn take(&mut self, found: &[QueryResult]) -> Result<(), StoreError> {
        let first = found
            .first()
            .ok_or(StoreError::UnexpectedRow("no row of an event"))?;
        let title = first.try_get("", "title")?;
        let zone: Option<String> = first.try_get("", "timezone")?;
        let zone = zone.as_deref().map(period::zone).transpose()?;
        let (mut days, mut fresh) = (BTreeMap::new(), BTreeMap::<NaiveDate, Vec<Row>>::new());
        for one in found {
            let Some(day) = one.try_get::<Option<NaiveDate>>("", "version_day")? else {
                continue;
            };
            let version = (one.try_get("", "version")?, one.try_get("", "changed_at")?);
            days.insert(day, version);
            if one.try_get::<Option<String>>("", "event_type")?.is_some() {
                fresh.entry(day).or_default().push(row(one)?);
            }
        }
        let seen = days.into_iter().map(|(day, (version, changed_at))| {
            let known = self.days.get(&day).filter(|known| known.version == version);
            let piece = match known {
                Some(known) => Arc::clone(&known.piece),
                None => Arc::new(Piece::of(fresh.remove(&day).unwrap_or_default())),
            };
            let seen = SeenDay {
                version,
                changed_at,
                piece,
            };
            (day, seen)
        });
        self.days = seen.collect();
        (self.title, self.zone) = (title, zone);
        Ok(())
    }
}
