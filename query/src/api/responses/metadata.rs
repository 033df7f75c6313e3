//! The period, time zone and time of a response.

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;

use crate::analytics::CalendarDate;

/// A period of calendar days.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DateRange {
    /// First day of the period.
    pub date_from: CalendarDate,
    /// Last day of the period, inclusive.
    pub date_to: CalendarDate,
}

impl From<Period> for DateRange {
    fn from(period: Period) -> Self {
        Self {
            date_from: CalendarDate(period.from),
            date_to: CalendarDate(period.to),
        }
    }
}

/// The period, time zone and time of a response.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ReportMetadata {
    /// Period.
    #[oai(flatten)]
    pub period: DateRange,
    /// IANA time zone of the days.
    pub timezone: String,
    /// Time of the last change of the facts in the response; the current time without facts.
    pub as_of: DateTime<Utc>,
}

impl ReportMetadata {
    pub fn new(period: Period, zone: Tz, as_of: DateTime<Utc>) -> Self {
        Self {
            period: period.into(),
            timezone: zone.name().to_owned(),
            as_of,
        }
    }
}
