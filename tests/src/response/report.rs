//! The report of an organization.

use std::ops::Deref;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    counts::Day,
    dashboard::SourceMetrics,
    totals::{Comparison, Totals},
};

/// The report of an organization.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub date_from: NaiveDate,
    pub date_to: NaiveDate,
    pub timezone: String,
    pub totals: ReportTotals,
    pub events: Vec<EventMetrics>,
    pub page: u32,
    pub size: u32,
    pub total_elements: u64,
    pub by_day: Vec<Day>,
    pub by_source: Vec<SourceMetrics>,
    pub comparison: Option<Comparison>,
}

/// The totals of all events.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportTotals {
    #[serde(flatten)]
    pub totals: Totals,
    pub no_shows: Option<u64>,
    pub attendees: u64,
    pub returning_attendees: u64,
}

/// The totals of one event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventMetrics {
    pub event_id: Uuid,
    pub title: Option<String>,
    pub starts_at: Option<DateTime<Utc>>,
    #[serde(flatten)]
    pub totals: Totals,
    pub no_shows: Option<u64>,
}

impl Report {
    /// One value of each event, in the order of the report.
    #[must_use]
    pub fn column<T>(&self, value: impl Fn(&EventMetrics) -> T) -> Vec<T> {
        self.events.iter().map(value).collect()
    }
}

impl Deref for ReportTotals {
    type Target = Totals;

    fn deref(&self) -> &Totals {
        &self.totals
    }
}

impl Deref for EventMetrics {
    type Target = Totals;

    fn deref(&self) -> &Totals {
        &self.totals
    }
}
