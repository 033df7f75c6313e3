//! Rows of the rollup: the input of every metric.

use std::sync::Arc;

use analytics_shared::visitor_set::VisitorSet;
use chrono::NaiveDate;
use uuid::Uuid;

use super::event_kind::EventKind;

/// Facts of one event, day, kind, source, ticket type and currency. A key may have several rows:
/// their counts are added and their visitors merged.
#[derive(Clone, Debug)]
pub struct RollupRow {
    pub event_id: Uuid,
    pub day: NaiveDate,
    pub kind: EventKind,
    pub source: Arc<str>,
    /// Ticket type id, else its name, else empty.
    pub ticket_type: Arc<str>,
    /// Ticket type name; equal to `ticket_type` if only the name is known.
    pub ticket_type_name: Option<Arc<str>>,
    /// Currency of a payment or refund, else empty.
    pub currency: Arc<str>,
    pub count: u64,
    /// Sum of the payments or refunds, in minor units.
    pub amount_cents: i64,
    /// Local hours (0 to 23) with their number of facts; an hour may occur several times.
    pub hours: Box<[(u8, u32)]>,
    /// Distinct visitors, for the kinds of [`EventKind::FUNNEL`].
    pub visitors: VisitorSet,
}

impl RollupRow {
    /// Returns the approximate memory of the row in bytes, without its texts, which rows share.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&self.hours[..]) + self.visitors.heap_bytes()
    }
}

#[cfg(test)]
impl RollupRow {
    /// Builds an empty row for tests.
    pub fn blank(day: &str, kind: EventKind) -> Self {
        Self {
            event_id: Uuid::nil(),
            day: day.parse().unwrap(),
            kind,
            source: "direct".into(),
            ticket_type: "".into(),
            ticket_type_name: None,
            currency: "".into(),
            count: 0,
            amount_cents: 0,
            hours: Box::default(),
            visitors: VisitorSet::default(),
        }
    }
}
