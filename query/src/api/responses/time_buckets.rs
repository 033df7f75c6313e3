//! A period, divided.

use chrono::{DateTime, FixedOffset};
use poem_openapi::Object;

use super::types::Day;
use crate::figures::{self, ZoneClock};

/// An hour, a day, a week or a month, as far as it lies in the period.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Stretch {
    /// Its first day; of an hour, the day that it lies on.
    pub date_from: Day,
    /// Its last day.
    pub date_to: Day,
    /// When it begins, with the zone's offset at that moment. (Of years beyond ten from now nobody knows
    /// that offset: the latest known is shown.)
    pub starts_at: DateTime<FixedOffset>,
    /// When the next one begins.
    pub ends_at: DateTime<FixedOffset>,
    /// Whether a part of it lies outside the period, or is not over yet.
    pub incomplete: bool,
    /// Page views.
    pub views: u64,
    /// Distinct visitors of the stretch.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

impl Stretch {
    /// The stretch, with times as `clock` shows them.
    pub fn new(stretch: figures::Stretch, clock: &ZoneClock) -> Self {
        let figures = stretch.figures;
        Self {
            date_from: Day(figures.date),
            date_to: Day(stretch.to),
            starts_at: clock.show(stretch.starts_at),
            ends_at: clock.show(stretch.ends_at),
            incomplete: stretch.incomplete,
            views: figures.views,
            unique_views: figures.unique_views,
            registrations: figures.registrations,
            cancellations: figures.cancellations,
            check_ins: figures.check_ins,
        }
    }
}
