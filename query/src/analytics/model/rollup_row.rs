//! The input of every figure: facts that have everything in common that figures distinguish.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use analytics_shared::{event_type, visitor_set::VisitorSet};
use chrono::NaiveDate;
use uuid::Uuid;

use super::DaySummary;

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

/// Facts of one event, day, kind, source, ticket type and currency. There may be several rows of one
/// key: counts add up, visitors unite.
#[derive(Clone, Debug)]
pub struct Row {
    /// The ticketing event.
    pub event_id: Uuid,
    /// The calendar day.
    pub day: NaiveDate,
    /// What happened.
    pub kind: Kind,
    /// Where the visitor came from.
    pub source: Arc<str>,
    /// The ticket type's id, else its name, else empty.
    pub ticket_type: Arc<str>,
    /// The ticket type's name; equal to `ticket_type` where only the name is known.
    pub ticket_type_name: Option<Arc<str>>,
    /// Currency of a payment or refund, else empty.
    pub currency: Arc<str>,
    /// Number of facts.
    pub count: u64,
    /// Sum of the payments or refunds, in minor units.
    pub amount_cents: i64,
    /// Local hours of the facts, and how many facts each has; an hour may be listed several times.
    pub hours: Box<[(u8, u32)]>,
    /// Distinct visitors behind them, where the kind has any.
    pub visitors: VisitorSet,
}

impl Row {
    /// Memory that it takes, about. Texts are shared by many rows.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&self.hours[..]) + self.visitors.heap_bytes()
    }
}

/// The rows of one day of an event.
#[derive(Debug)]
pub struct DayRows {
    /// The day.
    pub day: NaiveDate,
    /// Its rows.
    pub rows: Vec<Row>,
    summary: OnceLock<Arc<DaySummary>>,
}

impl DayRows {
    /// The day with its rows.
    #[must_use]
    pub fn new(day: NaiveDate, rows: Vec<Row>) -> Self {
        let summary = OnceLock::new();
        Self { day, rows, summary }
    }

    /// Divides rows of one event into days.
    #[must_use]
    pub fn by_day(rows: Vec<Row>) -> Vec<Arc<Self>> {
        let mut days = BTreeMap::<NaiveDate, Vec<Row>>::new();
        for row in rows {
            days.entry(row.day).or_default().push(row);
        }
        let days = days.into_iter();
        days.map(|(day, rows)| Arc::new(Self::new(day, rows)))
            .collect()
    }

    /// The summary of the day, made when it is needed for the first time.
    pub(super) fn summary(&self) -> &Arc<DaySummary> {
        self.summary
            .get_or_init(|| Arc::new(DaySummary::of(self.day, &self.rows)))
    }

    /// Memory that it takes, about, with its summary.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let rows: usize = self.rows.iter().map(Row::bytes).sum();
        let visitors = self.rows.iter().map(|row| row.visitors.heap_bytes());
        size_of::<Self>() + rows + size_of::<DaySummary>() + visitors.sum::<usize>()
    }
}

/// The rows of some days of one event.
#[derive(Clone, Debug, Default)]
pub struct Rows(Vec<Arc<DayRows>>);

impl Rows {
    /// All rows.
    #[must_use]
    pub fn all(&self) -> Vec<&Row> {
        self.0.iter().flat_map(|day| &day.rows).collect()
    }

    /// The summaries of the days.
    pub(super) fn summaries(&self) -> Vec<Arc<DaySummary>> {
        self.0.iter().map(|day| Arc::clone(day.summary())).collect()
    }
}

impl FromIterator<Arc<DayRows>> for Rows {
    fn from_iter<T: IntoIterator<Item = Arc<DayRows>>>(days: T) -> Self {
        Self(days.into_iter().collect())
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
