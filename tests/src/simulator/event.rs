//! The simulated ticketing event: title, place, tickets and prices.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use rand::{RngExt, rngs::StdRng};
use serde_json::json;
use uuid::Builder;
use uuid::Uuid;

use super::Message;

/// Days from the publication to the event.
const CAMPAIGN_DAYS: u64 = 42;
/// Days from the event to today.
const DAYS_AGO: u64 = 4;

/// A ticketing event that took place a few days ago.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: Uuid,
    /// The organization.
    pub tenant: Uuid,
    /// The name.
    pub title: &'static str,
    /// The time zone of the venue.
    pub zone: Tz,
    /// The time of publication.
    pub published_at: DateTime<Utc>,
    /// The start.
    pub starts_at: DateTime<Utc>,
    /// The day of the publication.
    pub first_day: NaiveDate,
    /// Today.
    pub last_day: NaiveDate,
}

/// A kind of ticket.
#[derive(Debug, PartialEq)]
pub struct TicketType {
    /// The id, which some messages omit.
    pub id: &'static str,
    /// The name.
    pub name: &'static str,
    /// The price, in minor units.
    pub price_cents: i64,
}

/// The most frequent ticket type.
pub static STANDARD: TicketType = TicketType {
    id: "standard-2026",
    name: "Standard",
    price_cents: 19_000,
};
/// The other ticket type.
pub static WORKSHOPS: TicketType = TicketType {
    id: "workshops-2026",
    name: "Conference and workshops",
    price_cents: 34_900,
};

impl Event {
    /// The event, as seen from `now`.
    pub(super) fn before(now: DateTime<Utc>, rng: &mut StdRng) -> Self {
        let zone = Tz::Europe__Berlin;
        let last_day = now.with_timezone(&zone).date_naive();
        let event_day = last_day - Days::new(DAYS_AGO);
        let first_day = event_day - Days::new(CAMPAIGN_DAYS);
        Self {
            id: random_id(rng),
            tenant: random_id(rng),
            title: "Autumn Systems Conference",
            zone,
            published_at: at(zone, first_day, NaiveTime::MIN),
            starts_at: at(
                zone,
                event_day,
                NaiveTime::from_hms_opt(9, 0, 0).expect("nine"),
            ),
            first_day,
            last_day,
        }
    }

    /// The body of `event.published`.
    #[must_use]
    pub fn published(&self) -> Message {
        let body = json!({
            "eventId": self.id,
            "occurredAt": self.published_at,
            "tenantId": self.tenant,
            "title": self.title,
            "slug": "autumn-systems-conference",
            "startsAt": self.starts_at,
            "publishedAt": self.published_at,
            "timezone": self.zone.name(),
        });
        Message {
            key: "event.published",
            body,
        }
    }
}

/// The instant of a local time in `zone`.
pub(super) fn at(zone: Tz, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let there = zone.from_local_datetime(&day.and_time(time)).earliest();
    there.expect("an hour that exists").to_utc()
}

/// An id that is the same in every run.
pub(super) fn random_id(rng: &mut StdRng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}
