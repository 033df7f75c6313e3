//! The examples of the document: answers about a few facts, folded like any others.

use analytics_shared::{period::Period, visitor_set::VisitorSet};
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::{Uuid, uuid};

use super::{access::ReadableEvent, parts::About};
use crate::{
    figures::{Kind, Moment, Row, ZoneClock},
    store::StoredFact,
};

/// An organization.
pub const ORGANIZATION: Uuid = uuid!("7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59");
/// An event of it.
pub const EVENT: Uuid = uuid!("3f2a9d4e-8b1c-4f7e-a5d6-0c9b8e7f6a51");
/// The event's title.
pub const TITLE: &str = "Rust Conference 2026";
/// The event's zone.
pub const ZONE: Tz = Tz::Europe__Berlin;

/// Two days of November.
pub fn period() -> Period {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default();
    Period {
        from: day(22),
        to: day(23),
    }
}

/// A moment of the last day.
pub fn time() -> DateTime<Utc> {
    let noon = period().to.and_hms_opt(12, 0, 0).unwrap_or_default();
    noon.and_utc()
}

/// The clocks of that zone, in November.
pub fn clock() -> ZoneClock {
    let offset = FixedOffset::east_opt(3_600).into_iter();
    ZoneClock::new(ZONE, offset.map(|offset| (time(), offset)).collect())
}

/// What the answers are about.
pub fn about() -> About {
    About::new(period(), ZONE, time())
}

/// The facts.
pub fn rows() -> Vec<Row> {
    let Period { from, to } = period();
    vec![
        row(from, Kind::View, 8, &[1, 2, 3, 4, 5]),
        row(from, Kind::Started, 3, &[2, 3, 4]),
        row(from, Kind::Completed, 2, &[2, 3]),
        row(from, Kind::Payment, 2, &[2, 3]),
        row(to, Kind::View, 4, &[4, 5, 6]),
        row(to, Kind::Started, 1, &[6]),
        row(to, Kind::Completed, 1, &[6]),
        row(to, Kind::Cancelled, 1, &[3]),
        row(to, Kind::CheckIn, 1, &[2]),
    ]
}

/// Some of the same facts one by one.
pub fn moments() -> Vec<Moment> {
    let moment = |kind, minutes| Moment {
        source: "newsletter".to_owned(),
        registration: Some(1),
        ..Moment::new(time() + TimeDelta::minutes(minutes), kind)
    };
    vec![
        moment(Kind::Started, -1_450),
        moment(Kind::Completed, -1_442),
        moment(Kind::View, -61),
        moment(Kind::View, -60),
        moment(Kind::CheckIn, 0),
    ]
}

/// A payment, as an export has it.
pub fn fact() -> StoredFact {
    let registration = "b3d0f3a2-5c64-4a1e-9f27-6a8d1e0c7b35";
    StoredFact {
        id: uuid!("0193590a-7c00-7d4e-8f21-3a5b6c7d8e9f"),
        created_at: time(),
        event_type: Kind::Payment.event_type().to_owned(),
        event_id: Some(EVENT),
        user_id: None,
        source: "newsletter".to_owned(),
        ticket_type_id: None,
        ticket_type_name: Some("Standard".to_owned()),
        registration_id: Some(registration.to_owned()),
        amount_cents: Some("4900".to_owned()),
        currency: Some("EUR".to_owned()),
        properties: Some(format!("{{\"registrationId\": \"{registration}\"}}")),
    }
}

/// The event, as it may be read.
pub fn event() -> ReadableEvent {
    ReadableEvent {
        event_id: EVENT,
        tenant_id: ORGANIZATION,
        title: Some(TITLE.to_owned()),
        starts_at: Some(time()),
        zone: ZONE,
        rollup_zone: Some(ZONE),
    }
}

fn row(day: NaiveDate, kind: Kind, count: u64, visitors: &[i64]) -> Row {
    let has_ticket = !matches!(kind, Kind::View | Kind::Started);
    let paid = kind == Kind::Payment;
    let hour = if has_ticket { 13 } else { 11 };
    Row {
        event_id: EVENT,
        day,
        kind,
        source: "newsletter".into(),
        ticket_type: if has_ticket { "standard" } else { "" }.into(),
        ticket_type_name: has_ticket.then(|| "Standard".into()),
        currency: if paid { "EUR" } else { "" }.into(),
        count,
        amount_cents: if paid { 9_800 } else { 0 },
        hours: [(hour, u32::try_from(count).unwrap_or_default())].into(),
        visitors: visitors.iter().copied().collect::<VisitorSet>(),
    }
}

/// Values of parameters.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the framework takes what the parameter is, and all of these are optional"
)]
pub mod parameter {
    /// A traffic source.
    pub fn source() -> Option<String> {
        Some("newsletter".to_owned())
    }

    /// A ticket type.
    pub fn ticket_type() -> Option<String> {
        Some("Standard".to_owned())
    }

    /// The tag of an answer.
    pub fn tag() -> Option<String> {
        Some("\"5f1c1a5de2d94c0f8a0b7c6d5e4f3a21\"".to_owned())
    }

    /// The id of live figures.
    pub fn event_stream_id() -> Option<String> {
        Some("5f1c1a5de2d94c0f8a0b7c6d5e4f3a21".to_owned())
    }
}
