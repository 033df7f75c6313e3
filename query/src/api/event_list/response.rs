//! The response of a list of events.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use crate::{
    analytics::CalendarDate,
    api::responses::examples,
    store::{EventListPage, EventListQuery, ListedEvent},
};

/// One page of the events of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct EventList {
    /// Organization id.
    pub organization_id: Uuid,
    /// Time of the last change of the listed events and their facts; the current time without events.
    pub as_of: DateTime<Utc>,
    /// Page number from 0.
    pub page: u32,
    /// Events per page.
    pub size: u32,
    /// Number of events on all pages.
    pub total_elements: u64,
    /// Events: upcoming ones in the order of their starts, others with the latest start first, and those without a
    /// start last.
    pub events: Vec<EventEntry>,
}

/// An event of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct EventEntry {
    /// Event id.
    pub event_id: Uuid,
    /// Title; `null` if the event was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// Name in URLs, if known.
    #[oai(nullable)]
    pub slug: Option<String>,
    /// Start of the event, if known.
    #[oai(nullable)]
    pub starts_at: Option<DateTime<Utc>>,
    /// IANA time zone of its days.
    pub timezone: String,
    /// Time of publication; `null` if the event was never published.
    #[oai(nullable)]
    pub published_at: Option<DateTime<Utc>>,
    /// First stored day with facts; `null` without facts.
    #[oai(nullable)]
    pub first_fact_on: Option<CalendarDate>,
    /// Last day with facts; `null` without facts.
    #[oai(nullable)]
    pub last_fact_on: Option<CalendarDate>,
}

impl EventList {
    /// Builds the response at `now`; `default_zone` is that of events without a time zone.
    pub fn new(
        query: &EventListQuery,
        rows: EventListPage,
        default_zone: Tz,
        now: DateTime<Utc>,
    ) -> Self {
        let changed_at = rows.events.iter().filter_map(|event| event.changed_at);
        Self {
            organization_id: query.tenant_id,
            as_of: changed_at.max().unwrap_or(now),
            page: query.page.number,
            size: query.page.size,
            total_elements: rows.total,
            events: (rows.events.into_iter())
                .map(|event| EventEntry::new(event, default_zone))
                .collect(),
        }
    }
}

impl EventEntry {
    fn new(event: ListedEvent, default_zone: Tz) -> Self {
        let zone = event.timezone;
        Self {
            event_id: event.event_id,
            title: event.title,
            slug: event.slug,
            starts_at: event.starts_at,
            timezone: zone.unwrap_or_else(|| default_zone.name().to_owned()),
            published_at: event.published_at,
            first_fact_on: event.days.map(|(first, _)| CalendarDate(first)),
            last_fact_on: event.days.map(|(_, last)| CalendarDate(last)),
        }
    }
}

impl Example for EventList {
    fn example() -> Self {
        let period = examples::period();
        Self {
            organization_id: examples::ORGANIZATION,
            as_of: examples::time(),
            page: 0,
            size: 20,
            total_elements: 1,
            events: vec![EventEntry {
                event_id: examples::EVENT,
                title: Some(examples::TITLE.to_owned()),
                slug: Some("rust-conference-2026".to_owned()),
                starts_at: Some(examples::time()),
                timezone: examples::ZONE.name().to_owned(),
                published_at: Some(examples::time()),
                first_fact_on: Some(CalendarDate(period.from)),
                last_fact_on: Some(CalendarDate(period.to)),
            }],
        }
    }
}
