//! The events of a tenant, published ones and others with facts.

use analytics_shared::telemetry::traces::traced_statement;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::{
    analytics::{EventTime, PageRange},
    store::{error::StoreError, snapshot::Snapshot},
};

/// The events to list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventListQuery {
    pub tenant_id: Uuid,
    /// Text in title or slug, whatever its case; empty: all events.
    pub search: String,
    pub when: EventTime,
    pub page: PageRange,
}

/// One page of events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventListPage {
    /// Number of events on all pages.
    pub total: u64,
    pub events: Vec<ListedEvent>,
}

/// An event of a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListedEvent {
    pub event_id: Uuid,
    /// Title; `None` if the event was never published.
    pub title: Option<String>,
    pub slug: Option<String>,
    pub starts_at: Option<DateTime<Utc>>,
    /// Name of the time zone, if the event has its own.
    pub timezone: Option<String>,
    pub published_at: Option<DateTime<Utc>>,
    /// First and last day with facts.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Time of the last change of the event or its facts.
    pub changed_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Row {
    total: i64,
    event_id: Option<Uuid>,
    title: Option<String>,
    slug: Option<String>,
    starts_at: Option<DateTime<Utc>>,
    timezone: Option<String>,
    published_at: Option<DateTime<Utc>>,
    first_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
    changed_at: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// Returns a page of the events of a tenant at `now`.
    pub async fn event_list(
        &self,
        query: &EventListQuery,
        now: DateTime<Utc>,
    ) -> Result<EventListPage, StoreError> {
        let PageRange { number, size } = query.page;
        let offset = i64::from(number) * i64::from(size);
        let values = [
            query.tenant_id.into(),
            query.search.to_lowercase().into(),
            query.when.name().into(),
            now.into(),
            self.default_zone.name().into(),
            offset.into(),
            i64::from(size).into(),
        ];
        let sql = include_str!("listed_events.sql");
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let rows = Row::find_by_statement(statement).all(self.connection());
        let rows = traced_statement("SELECT tracked_events", None, rows).await?;
        let total = rows.first().map_or(0, |row| row.total);
        Ok(EventListPage {
            total: u64::try_from(total).unwrap_or_default(),
            events: rows.into_iter().filter_map(listed_event).collect(),
        })
    }
}

fn listed_event(row: Row) -> Option<ListedEvent> {
    Some(ListedEvent {
        event_id: row.event_id?,
        title: row.title,
        slug: row.slug,
        starts_at: row.starts_at,
        timezone: row.timezone,
        published_at: row.published_at,
        days: Option::zip(row.first_day, row.last_day),
        changed_at: row.changed_at,
    })
}
