//! A row of the rollup as it is read.

use std::borrow::Cow;

use chrono::NaiveDate;
use uuid::Uuid;

use super::{event_kind::EventKind, links::Link};

/// Facts of one event, day, kind, source, ticket type and currency. A key may have several rows:
/// their counts are added and their visitors merged.
#[derive(Clone, Debug)]
pub struct RollupRow<'a> {
    pub event_id: Uuid,
    pub day: NaiveDate,
    pub kind: EventKind,
    pub source: Cow<'a, str>,
    /// Ticket type id, else its name, else empty.
    pub ticket_type: Cow<'a, str>,
    /// Ticket type name; equal to `ticket_type` if only the name is known.
    pub ticket_type_name: Option<Cow<'a, str>>,
    /// Currency of a payment or refund, else empty.
    pub currency: Cow<'a, str>,
    pub count: u64,
    /// Sum of the payments or refunds, in minor units.
    pub amount_cents: i64,
    /// Local hours (0 to 23) with their number of facts, for the kinds of [`EventKind::HOURLY`]; an hour may occur several
    /// times. Empty if the statement does not return them.
    pub hours: Vec<(u8, u32)>,
    /// Hashes of the visitors, for the kinds of [`EventKind::FUNNEL`].
    pub visitors: Vec<i64>,
    /// Links of browsers to users.
    pub links: Vec<Link>,
}

impl RollupRow<'_> {
    /// Returns the row with texts of its own.
    pub fn into_owned(self) -> RollupRow<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        RollupRow {
            source: owned(self.source),
            ticket_type: owned(self.ticket_type),
            ticket_type_name: self.ticket_type_name.map(owned),
            currency: owned(self.currency),
            ..self
        }
    }

    /// Returns the size of texts, hours and visitors, in bytes.
    pub fn heap_bytes(&self) -> usize {
        let name = self.ticket_type_name.as_deref().map_or(0, str::len);
        let texts = self.source.len() + self.ticket_type.len() + name + self.currency.len();
        let hashes = size_of_val(&self.visitors[..]) + size_of_val(&self.links[..]);
        texts + size_of_val(&self.hours[..]) + hashes
    }
}

#[cfg(test)]
impl RollupRow<'_> {
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
            hours: Vec::new(),
            visitors: Vec::new(),
            links: Vec::new(),
        }
    }
}
