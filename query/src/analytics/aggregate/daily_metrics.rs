//! Metrics of one calendar day.

use chrono::NaiveDate;
use poem_openapi::Object;

use super::row_aggregate::Aggregate;
use crate::analytics::model::{CalendarDate, EventKind};

/// Metrics of one calendar day.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
pub struct DailyMetrics {
    /// Calendar day.
    pub date: CalendarDate,
    /// Activity of the day.
    #[oai(flatten)]
    pub counts: ActivityCounts,
}

/// Activity within a day, an hour or another time bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase")]
pub struct ActivityCounts {
    /// Page views.
    pub views: u64,
    /// Distinct visitors with a page view in this time. They do not add up over several times.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

impl DailyMetrics {
    /// Builds the metrics of a day from its facts; `None` for a day without facts.
    pub fn of(date: NaiveDate, aggregate: Option<&Aggregate>) -> Self {
        Self {
            date: CalendarDate(date),
            counts: aggregate.map(ActivityCounts::from).unwrap_or_default(),
        }
    }
}

impl ActivityCounts {
    /// Counts one fact, without its visitor.
    pub fn add(&mut self, kind: EventKind) {
        match kind {
            EventKind::View => self.views += 1,
            EventKind::Completed => self.registrations += 1,
            EventKind::Cancelled => self.cancellations += 1,
            EventKind::CheckIn => self.check_ins += 1,
            EventKind::Started | EventKind::Payment | EventKind::Refund => {}
        }
    }
}

impl From<&Aggregate> for ActivityCounts {
    fn from(aggregate: &Aggregate) -> Self {
        Self {
            views: aggregate.count(EventKind::View),
            unique_views: aggregate.visitors(EventKind::View),
            registrations: aggregate.count(EventKind::Completed),
            cancellations: aggregate.count(EventKind::Cancelled),
            check_ins: aggregate.count(EventKind::CheckIn),
        }
    }
}
