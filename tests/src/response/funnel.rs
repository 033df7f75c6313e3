//! The registration funnel of an event.

use std::ops::Deref;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

/// The funnel of an event.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Funnel {
    #[serde(flatten)]
    pub metrics: FunnelMetrics,
    pub incomplete: bool,
    pub groups: Option<Vec<FunnelGroup>>,
    pub time_to_convert: Option<TimeToConvert>,
    pub comparison: Option<FunnelComparison>,
}

/// The steps of a funnel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunnelMetrics {
    pub page_views: u64,
    pub registration_started: u64,
    pub registration_completed: u64,
    pub checked_in: u64,
    pub start_rate: Option<f64>,
    pub completion_rate: Option<f64>,
    pub attendance_rate: Option<f64>,
    pub steps: Vec<FunnelStep>,
}

/// A step of a funnel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunnelStep {
    pub step: String,
    pub count: u64,
    pub visitors: u64,
}

/// The funnel of a group, named by one of the first four fields.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunnelGroup {
    pub source: Option<String>,
    pub ticket_type_id: Option<String>,
    pub ticket_type_name: Option<String>,
    pub date: Option<NaiveDate>,
    #[serde(flatten)]
    pub metrics: FunnelMetrics,
}

/// The time between the steps.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeToConvert {
    pub start_to_completion: Percentiles,
    pub completion_to_check_in: Percentiles,
}

/// Percentiles of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Percentiles {
    pub registrations: u64,
    pub median_seconds: Option<f64>,
    pub p90_seconds: Option<f64>,
}

/// The comparison period, with the change of each metric since.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunnelComparison {
    pub date_from: NaiveDate,
    pub date_to: NaiveDate,
    #[serde(flatten)]
    pub metrics: FunnelMetrics,
    pub change: Value,
}

impl FunnelMetrics {
    /// The counts of the steps.
    #[must_use]
    pub fn counts(&self) -> [u64; 4] {
        [
            self.page_views,
            self.registration_started,
            self.registration_completed,
            self.checked_in,
        ]
    }
}

impl Deref for Funnel {
    type Target = FunnelMetrics;

    fn deref(&self) -> &FunnelMetrics {
        &self.metrics
    }
}

impl Deref for FunnelGroup {
    type Target = FunnelMetrics;

    fn deref(&self) -> &FunnelMetrics {
        &self.metrics
    }
}

impl Deref for FunnelComparison {
    type Target = FunnelMetrics;

    fn deref(&self) -> &FunnelMetrics {
        &self.metrics
    }
}
