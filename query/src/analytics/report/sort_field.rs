//! Fields by which events are sorted.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::organization_report::EventMetrics;

/// Prefix of the fields that sort by revenue.
const REVENUE_PREFIX: &str = "revenue.";

/// A field with a fixed name, and its value of an event; `None` if it is unknown.
type NamedField = (&'static str, fn(&EventMetrics) -> Option<SortValue>);

/// The fields with a fixed name: all but revenue.
pub const NAMED_FIELDS: [NamedField; 12] = [
    ("totalViews", |event| {
        count(event.totals.metrics.total_views)
    }),
    ("uniqueViews", |event| {
        count(event.totals.metrics.unique_views)
    }),
    ("totalRegistrations", |event| {
        count(event.totals.metrics.total_registrations)
    }),
    ("confirmedRegistrations", |event| {
        count(event.totals.metrics.confirmed_registrations)
    }),
    ("checkedIn", |event| count(event.totals.metrics.checked_in)),
    ("viewToRegistrationRate", |event| {
        let rate = event.totals.metrics.view_to_registration_rate;
        rate.map(SortValue::Rate)
    }),
    ("registrationToCheckinRate", |event| {
        let rate = event.totals.metrics.registration_to_checkin_rate;
        rate.map(SortValue::Rate)
    }),
    ("cancellations", |event| count(event.totals.cancellations)),
    ("cancellationRate", |event| {
        event.totals.cancellation_rate.map(SortValue::Rate)
    }),
    ("noShows", |event| event.no_shows.and_then(count)),
    ("title", |event| {
        let title = event.title.as_deref().map(str::to_lowercase);
        title.map(SortValue::Text)
    }),
    ("startsAt", |event| event.starts_at.map(SortValue::Time)),
];

/// A value by which events are sorted.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum SortValue {
    Integer(i128),
    Rate(f64),
    Text(String),
    Time(DateTime<Utc>),
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "most values of the table are optional"
)]
fn count(count: u64) -> Option<SortValue> {
    Some(SortValue::Integer(count.into()))
}

/// A field by which events can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortField {
    /// Index in [`NAMED_FIELDS`].
    Named(usize),
    /// `revenue.` with an ISO 4217 currency code: the sum of the payments in that currency.
    Revenue([u8; 3]),
}

/// The text is not a sort order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "must be a field and a direction, like `totalViews,desc`; fields are the seven metrics, \
     `cancellations`, `cancellationRate`, `noShows`, `title`, `startsAt`, and `revenue.` with a \
     currency code, like `revenue.EUR`; directions are `asc` and `desc`"
)]
pub struct InvalidEventSort;

impl SortField {
    /// Returns the value of an event; `None` if it is unknown. Revenue is unknown without payments and
    /// refunds in the currency.
    pub fn value(self, event: &EventMetrics) -> Option<SortValue> {
        match self {
            Self::Named(index) => NAMED_FIELDS[index].1(event),
            Self::Revenue(currency) => {
                let mut revenue = event.totals.revenue.iter();
                let revenue = revenue.find(|one| one.currency.as_bytes() == currency)?;
                Some(SortValue::Integer(revenue.amount_cents.into()))
            }
        }
    }
}

impl fmt::Display for SortField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(index) => f.write_str(NAMED_FIELDS[*index].0),
            Self::Revenue(currency) => {
                let code = str::from_utf8(currency).unwrap_or_default();
                write!(f, "{REVENUE_PREFIX}{code}")
            }
        }
    }
}

impl FromStr for SortField {
    type Err = InvalidEventSort;

    fn from_str(text: &str) -> Result<Self, InvalidEventSort> {
        if let Some(code) = text.strip_prefix(REVENUE_PREFIX) {
            let code = <[u8; 3]>::try_from(code.as_bytes()).ok();
            let code = code.filter(|code| code.iter().all(u8::is_ascii_uppercase));
            return code.map(Self::Revenue).ok_or(InvalidEventSort);
        }
        let index = NAMED_FIELDS.iter().position(|(name, _)| *name == text);
        index.map(Self::Named).ok_or(InvalidEventSort)
    }
}
