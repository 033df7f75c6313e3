//! The dashboard of an event.

use std::ops::Deref;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    counts::{Day, TimeBucket},
    totals::{Comparison, Totals},
};

/// The dashboard of an event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    pub event_id: Uuid,
    pub title: Option<String>,
    pub date_from: NaiveDate,
    pub date_to: NaiveDate,
    pub timezone: String,
    #[serde(flatten)]
    pub totals: Totals,
    pub first_fact_at: Option<DateTime<FixedOffset>>,
    pub last_fact_at: Option<DateTime<FixedOffset>>,
    pub by_day: Vec<Day>,
    pub by_hour: Vec<HourOfWeek>,
    pub check_in_curve: Option<CheckInCurve>,
    pub by_ticket_type: Vec<TicketType>,
    pub by_source: Vec<SourceMetrics>,
    pub by_source_and_ticket_type: Vec<TicketType>,
    pub series: Option<Vec<TimeBucket>>,
    pub comparison: Option<Comparison>,
}

/// An hour of the week; Monday is the first day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HourOfWeek {
    pub weekday: u64,
    pub hour: u64,
    pub views: u64,
    pub registrations: u64,
    pub cancellations: u64,
    pub check_ins: u64,
}

/// Check-ins by the minute.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckInCurve {
    pub date: NaiveDate,
    pub points: Vec<CurvePoint>,
}

/// A minute with check-ins.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CurvePoint {
    pub at: DateTime<FixedOffset>,
    pub check_ins: u64,
    pub total: u64,
}

/// A ticket type; of one traffic source, if that is set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketType {
    pub source: Option<String>,
    pub ticket_type_id: Option<String>,
    pub ticket_type_name: Option<String>,
    pub registrations: u64,
    pub cancellations: u64,
    pub check_ins: u64,
}

/// A traffic source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceMetrics {
    pub source: String,
    pub views: u64,
    pub unique_views: u64,
    pub registrations: u64,
    pub check_ins: u64,
}

impl Dashboard {
    /// The time buckets.
    ///
    /// # Panics
    /// When none were requested.
    #[must_use]
    pub fn series(&self) -> &[TimeBucket] {
        self.series.as_ref().expect("a series")
    }

    /// The comparison period.
    ///
    /// # Panics
    /// When none was requested.
    #[must_use]
    pub fn comparison(&self) -> &Comparison {
        self.comparison.as_ref().expect("a comparison")
    }

    /// The check-ins by the minute.
    ///
    /// # Panics
    /// When there are none.
    #[must_use]
    pub fn check_in_curve(&self) -> &CheckInCurve {
        self.check_in_curve.as_ref().expect("a check-in curve")
    }
}

impl Deref for Dashboard {
    type Target = Totals;

    fn deref(&self) -> &Totals {
        &self.totals
    }
}
