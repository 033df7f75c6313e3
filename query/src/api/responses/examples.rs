//! The examples of the OpenAPI document: responses built from a few facts like any other.

use analytics_shared::period::Period;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::{Uuid, uuid};

use super::metadata::ReportMetadata;
use crate::analytics::{EventKind, RawFact, RollupRow, RollupRows, TimeZoneRules};

pub const ORGANIZATION: Uuid = uuid!("7c1f4c5e-2d3a-4b6f-9a7e-1f0d3c2b4a59");
pub const EVENT: Uuid = uuid!("3f2a9d4e-8b1c-4f7e-a5d6-0c9b8e7f6a51");
pub const SHARE: Uuid = uuid!("5b0e6f0a-3c1d-4d1b-9a53-7f1f0a2f9b3c");
pub const TITLE: &str = "Rust Conference 2026";
pub const ZONE: Tz = Tz::Europe__Berlin;

/// Returns two days of November.
pub fn period() -> Period {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default();
    Period {
        from: day(22),
        to: day(23),
    }
}

/// Returns noon of the last day.
pub fn time() -> DateTime<Utc> {
    let noon = period().to.and_hms_opt(12, 0, 0).unwrap_or_default();
    noon.and_utc()
}

/// Returns the rules of the time zone in November.
pub fn rules() -> TimeZoneRules {
    let offset = FixedOffset::east_opt(3_600).into_iter();
    TimeZoneRules::new(ZONE, offset.map(|offset| (time(), offset)).collect())
}

pub fn metadata() -> ReportMetadata {
    ReportMetadata::new(period(), ZONE, time())
}

/// Returns the facts as rollup rows.
pub fn rows() -> RollupRows {
    let Period { from, to } = period();
    let rows = [
        row(from, EventKind::View, 8, &[1, 2, 3, 4, 5]),
        row(from, EventKind::Started, 3, &[2, 3, 4]),
        row(from, EventKind::Completed, 2, &[2, 3]),
        row(from, EventKind::Payment, 2, &[2, 3]),
        row(to, EventKind::View, 4, &[4, 5, 6]),
        row(to, EventKind::Started, 1, &[6]),
        row(to, EventKind::Completed, 1, &[6]),
        row(to, EventKind::Cancelled, 1, &[3]),
        row(to, EventKind::CheckIn, 1, &[2]),
    ];
    rows.into_iter().collect()
}

/// Returns some of the facts as raw facts.
pub fn raw_facts() -> Vec<RawFact> {
    let fact = |kind, minutes| RawFact {
        source: "newsletter".to_owned(),
        registration: Some(1),
        ..RawFact::new(time() + TimeDelta::minutes(minutes), kind)
    };
    vec![
        fact(EventKind::Started, -1_450),
        fact(EventKind::Completed, -1_442),
        fact(EventKind::View, -61),
        fact(EventKind::View, -60),
        fact(EventKind::CheckIn, 0),
    ]
}

fn row(day: NaiveDate, kind: EventKind, count: u64, visitors: &[i64]) -> RollupRow<'static> {
    let has_ticket = !matches!(kind, EventKind::View | EventKind::Started);
    let is_payment = kind == EventKind::Payment;
    let hour = if has_ticket { 13 } else { 11 };
    RollupRow {
        event_id: EVENT,
        day,
        kind,
        source: "newsletter".into(),
        ticket_type: if has_ticket { "standard" } else { "" }.into(),
        ticket_type_name: has_ticket.then(|| "Standard".into()),
        currency: if is_payment { "EUR" } else { "" }.into(),
        count,
        amount_cents: if is_payment { 9_800 } else { 0 },
        hours: vec![(hour, u32::try_from(count).unwrap_or_default())],
        visitors: visitors.to_vec(),
        links: Vec::new(),
    }
}

/// Examples of parameters.
#[expect(
    clippy::unnecessary_wraps,
    reason = "poem-openapi expects the type of the parameter, and all of these are optional"
)]
pub mod parameters {
    pub fn source() -> Option<String> {
        Some("newsletter".to_owned())
    }

    pub fn ticket_type() -> Option<String> {
        Some("Standard".to_owned())
    }

    pub fn search() -> Option<String> {
        Some("conference".to_owned())
    }

    pub fn etag() -> Option<String> {
        Some("\"5f1c1a5de2d94c0f8a0b7c6d5e4f3a21\"".to_owned())
    }

    pub fn last_event_id() -> Option<String> {
        Some("5f1c1a5de2d94c0f8a0b7c6d5e4f3a21".to_owned())
    }
}
