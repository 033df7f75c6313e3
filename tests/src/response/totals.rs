//! Totals of an event or an organization, and their change since another period.

use std::ops::Deref;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

/// Totals of a period.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    pub total_views: u64,
    pub unique_views: u64,
    pub total_registrations: u64,
    pub confirmed_registrations: u64,
    pub checked_in: u64,
    pub view_to_registration_rate: Option<f64>,
    pub registration_to_checkin_rate: Option<f64>,
    pub cancellations: u64,
    pub cancellation_rate: Option<f64>,
    pub revenue: Vec<Revenue>,
}

/// Payments and refunds in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revenue {
    pub currency: String,
    pub amount_cents: i64,
    pub payments: u64,
    pub refunded_cents: i64,
    pub refunds: u64,
}

/// The comparison period, with the change of each metric since.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    pub date_from: NaiveDate,
    pub date_to: NaiveDate,
    #[serde(flatten)]
    pub totals: Totals,
    pub change: Value,
}

/// The change of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Change {
    pub absolute: f64,
    pub relative: Option<f64>,
}

impl Totals {
    /// Views and unique views.
    #[must_use]
    pub fn views(&self) -> [u64; 2] {
        [self.total_views, self.unique_views]
    }
}

impl Comparison {
    /// The change of a metric; `None` if either value is unknown.
    ///
    /// # Panics
    /// When there is no such metric.
    #[must_use]
    pub fn change(&self, metric: &str) -> Option<Change> {
        let change = self.change.get(metric);
        let change = change.unwrap_or_else(|| panic!("no change of {metric}"));
        Deserialize::deserialize(change).expect("a change")
    }
}

impl Deref for Comparison {
    type Target = Totals;

    fn deref(&self) -> &Totals {
        &self.totals
    }
}
