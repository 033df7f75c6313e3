//! The input of every fold: facts that have everything in common that figures distinguish.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use analytics_shared::{event_type, visitor_set::VisitorSet};
use chrono::NaiveDate;
use uuid::Uuid;

use super::{DayFold, HourCount};

/// The event types that figures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `page.view`
    View,
    /// `registration.started`
    Started,
    /// `registration.completed`
    Completed,
    /// `registration.cancelled`
    Cancelled,
    /// `checkin.completed`
    CheckIn,
    /// `payment.completed`
    Payment,
    /// `payment.refunded`
    Refund,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::View,
        Self::Started,
        Self::Completed,
        Self::Cancelled,
        Self::CheckIn,
        Self::Payment,
        Self::Refund,
    ];

    /// Those whose visitors figures count.
    pub const VISITED: [Self; 4] = [Self::View, Self::Started, Self::Completed, Self::CheckIn];

    /// The name that facts are stored with.
    #[must_use]
    pub fn event_type(self) -> &'static str {
        match self {
            Self::View => event_type::PAGE_VIEW,
            Self::Started => event_type::REGISTRATION_STARTED,
            Self::Completed => event_type::REGISTRATION_COMPLETED,
            Self::Cancelled => event_type::REGISTRATION_CANCELLED,
            Self::CheckIn => event_type::CHECKIN_COMPLETED,
            Self::Payment => event_type::PAYMENT_COMPLETED,
            Self::Refund => event_type::PAYMENT_REFUNDED,
        }
    }

    /// The kind that is stored with that name, if figures count it.
    #[must_use]
    pub fn of(event_type: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.event_type() == event_type)
    }
}

/// Facts of one event, day, kind, source, ticket type and currency: how many there are, or who was
/// behind them, or both. There may be several rows of one key: counts add up, visitors unite.
#[derive(Clone, Debug)]
pub struct Row {
    /// The ticketing event.
    pub event_id: Uuid,
    /// The calendar day.
    pub day: NaiveDate,
    /// What happened.
    pub kind: Kind,
    /// Where the visitor came from.
    pub source: String,
    /// The ticket type's id, else its name, else empty.
    pub ticket_type: String,
    /// The ticket type's name; equal to `ticket_type` where only the name is known.
    pub ticket_type_name: Option<String>,
    /// Currency of a payment or refund, else empty.
    pub currency: String,
    /// How many facts.
    pub count: u64,
    /// Sum of the payments or refunds, in minor units.
    pub amount_cents: i64,
    /// Who was behind them.
    pub visitors: VisitorSet,
}

impl Row {
    /// Memory that it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let name = self.ticket_type_name.as_ref().map_or(0, String::len);
        let texts = self.source.len() + self.ticket_type.len() + self.currency.len() + name;
        size_of::<Self>() + texts + self.visitors.bytes()
    }
}

/// What was read together, mostly a day of an event.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    /// Its rows.
    pub rows: Vec<Row>,
    /// The same facts by the hour, where they were read.
    pub hours: Vec<HourCount>,
    days: OnceLock<BTreeMap<NaiveDate, Arc<DayFold>>>,
}

impl Piece {
    /// Rows alone.
    #[must_use]
    pub fn of(rows: Vec<Row>) -> Self {
        Self {
            rows,
            ..Self::default()
        }
    }

    /// Its days, folded when they are wanted for the first time. Who adds rows does so before.
    fn days(&self) -> &BTreeMap<NaiveDate, Arc<DayFold>> {
        self.days.get_or_init(|| DayFold::by_day(&self.rows))
    }

    /// Memory that it takes, about, with its days folded.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let views = self.rows.iter().filter(|row| row.kind == Kind::View);
        let viewers: usize = views.map(|row| row.visitors.packed_bytes()).sum();
        let folded = size_of::<DayFold>() + viewers;
        let rows: usize = self.rows.iter().map(Row::bytes).sum();
        rows + size_of_val(&self.hours[..]) + folded
    }
}

/// Rows to fold, in the pieces that they are kept in.
#[derive(Clone, Debug, Default)]
pub struct Rows(Vec<Arc<Piece>>);

impl Rows {
    /// All rows.
    #[must_use]
    pub fn all(&self) -> Vec<&Row> {
        self.0.iter().flat_map(|piece| &piece.rows).collect()
    }

    /// All days, folded; those of several pieces may be the same.
    pub(super) fn days(&self) -> impl Iterator<Item = (&NaiveDate, &Arc<DayFold>)> {
        self.0.iter().flat_map(|piece| piece.days())
    }

    /// All counts by the hour.
    pub fn hours(&self) -> impl Iterator<Item = &HourCount> {
        self.0.iter().flat_map(|piece| &piece.hours)
    }
}

impl From<Piece> for Rows {
    fn from(piece: Piece) -> Self {
        Self(vec![Arc::new(piece)])
    }
}

impl FromIterator<Arc<Piece>> for Rows {
    fn from_iter<T: IntoIterator<Item = Arc<Piece>>>(pieces: T) -> Self {
        Self(pieces.into_iter().collect())
    }
}

#[cfg(test)]
impl Row {
    /// A row of that day and kind with nothing in it, for tests to fill in what they are about.
    pub(super) fn blank(day: &str, kind: Kind) -> Self {
        Self {
            event_id: Uuid::nil(),
            day: day.parse().unwrap(),
            kind,
            source: "direct".into(),
            ticket_type: String::new(),
            ticket_type_name: None,
            currency: String::new(),
            count: 0,
            amount_cents: 0,
            visitors: VisitorSet::default(),
        }
    }
}
