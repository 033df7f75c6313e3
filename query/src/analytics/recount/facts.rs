//! Facts that can happen, the rows that the store makes of them, and counting them naively.

use std::collections::{BTreeMap, HashMap, HashSet};

use analytics_shared::period::Period;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use crate::analytics::model::{EventKind, Link, PageRange, RollupRow};

/// Zones whose clocks change in those weeks, and at odd offsets.
pub const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::America__Havana,
    Tz::Asia__Kathmandu,
    Tz::Pacific__Apia,
];

/// A page that lists everything.
pub const LARGE_PAGE: PageRange = PageRange {
    number: 0,
    size: 100,
};

/// Hashes of users are not below this one, those of browsers are.
const FIRST_USER: i64 = 20;

/// A fact as it happens.
#[derive(Clone, Debug)]
pub struct Fact {
    pub at: DateTime<Utc>,
    pub event: u8,
    pub kind: EventKind,
    pub source: &'static str,
    pub ticket_type: Option<(Option<&'static str>, Option<&'static str>)>,
    pub visitor: Option<i64>,
    /// The browser of a user.
    pub browser: Option<i64>,
    pub payment: (i64, &'static str),
}

impl Fact {
    /// Its key, and its name.
    pub fn ticket_type(&self) -> (&'static str, Option<&'static str>) {
        let (id, name) = self.ticket_type.unwrap_or_default();
        (id.or(name).unwrap_or_default(), name)
    }

    /// The browser and its user, if the fact names both.
    pub fn link(&self) -> Option<Link> {
        let user = self.visitor.filter(|visitor| *visitor >= FIRST_USER)?;
        let visitor = self.browser?;
        Some(Link { visitor, user })
    }
}

/// Any fact.
pub fn fact() -> impl Strategy<Value = Fact> {
    // Two weeks around the end of summer time in New York, Havana and Kathmandu's even days.
    let start: DateTime<Utc> = "2026-10-25T00:00:00Z".parse().unwrap();
    let ticket_type = prop_oneof![
        Just((Some("t1"), Some("VIP"))),
        Just((Some("t1"), Some("Gold"))),
        Just((Some("t2"), Some("Standard"))),
        Just((Some("t3"), Some("Standard"))),
        Just((Some("t4"), None)),
        Just((None, Some("VIP"))),
        Just((None, Some("Standard"))),
    ];
    (
        0..14 * 86_400_i64,
        0..4_u8,
        prop::sample::select(&EventKind::ALL[..]),
        prop::sample::select(&["direct", "newsletter", "t.co"][..]),
        prop::option::of(ticket_type),
        prop::option::of(prop_oneof![1..8_i64, FIRST_USER..FIRST_USER + 4]),
        prop::option::of(1..8_i64),
        (0..3_i64, prop::sample::select(&["", "EUR", "RUB"][..])),
    )
        .prop_map(
            move |(second, event, kind, source, ticket_type, visitor, browser, payment)| Fact {
                at: start + TimeDelta::seconds(second),
                event,
                kind,
                source,
                ticket_type,
                visitor,
                browser,
                payment: if matches!(kind, EventKind::Payment | EventKind::Refund) {
                    payment
                } else {
                    (0, "")
                },
            },
        )
}

type Key = (
    u8,
    NaiveDate,
    usize,
    &'static str,
    &'static str,
    &'static str,
);

/// Returns the calendar day of an instant, by the time zone rules of chrono-tz.
pub fn day_in(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Rows as the store would read them; `parts` spreads the visitors of a key over several rows.
pub fn rows_of(facts: &[Fact], zone: Tz, period: Period, parts: usize) -> Vec<RollupRow<'static>> {
    let mut groups = BTreeMap::<Key, Vec<&Fact>>::new();
    for fact in facts {
        let day = day_in(fact.at, zone);
        if (period.from..=period.to).contains(&day) {
            let (ticket_type, _) = fact.ticket_type();
            let kind = fact.kind as usize;
            let key = (
                fact.event,
                day,
                kind,
                fact.source,
                ticket_type,
                fact.payment.1,
            );
            groups.entry(key).or_default().push(fact);
        }
    }
    let mut rows = Vec::new();
    for ((event, day, kind, source, ticket_type, currency), group) in groups {
        let mut row = RollupRow {
            event_id: Uuid::from_u128(event.into()),
            day,
            kind: EventKind::ALL[kind],
            source: source.into(),
            ticket_type: ticket_type.into(),
            ticket_type_name: group
                .iter()
                .filter_map(|fact| fact.ticket_type().1)
                .max()
                .map(Into::into),
            currency: currency.into(),
            count: group.len() as u64,
            amount_cents: group.iter().map(|fact| fact.payment.0).sum(),
            hours: Vec::new(),
            visitors: Vec::new(),
            links: Vec::new(),
        };
        rows.push(row.clone());
        (row.count, row.amount_cents, row.ticket_type_name) = (0, 0, None);
        for part in group.chunks(group.len().div_ceil(parts)) {
            row.visitors = part.iter().filter_map(|fact| fact.visitor).collect();
            row.links = part.iter().filter_map(|fact| fact.link()).collect();
            rows.push(row.clone());
        }
    }
    rows
}

/// Counting by looking at every fact.
pub struct Naive<'a>(pub Vec<&'a Fact>);

impl Naive<'_> {
    pub fn only(&self, matching: impl Fn(&Fact) -> bool) -> Self {
        let facts = self.0.iter().copied();
        Self(facts.filter(|fact| matching(fact)).collect())
    }

    pub fn count(&self, kind: EventKind) -> u64 {
        self.0.iter().filter(|fact| fact.kind == kind).count() as u64
    }

    pub fn visitors(&self, kind: EventKind) -> u64 {
        let of_kind = self.0.iter().filter(|fact| fact.kind == kind);
        let visitors: HashSet<_> = of_kind.filter_map(|fact| fact.visitor).collect();
        visitors.len() as u64
    }

    /// The person of a visitor: the smallest user of a browser.
    fn person(&self, visitor: i64) -> i64 {
        let links = self.0.iter().filter_map(|fact| fact.link());
        let users = links.filter(|link| link.visitor == visitor);
        users.map(|link| link.user).min().unwrap_or(visitor)
    }

    fn people(&self, kind: EventKind) -> HashSet<i64> {
        let of_kind = self.0.iter().filter(|fact| fact.kind == kind);
        let visitors = of_kind.filter_map(|fact| fact.visitor);
        visitors.map(|visitor| self.person(visitor)).collect()
    }

    /// The people who took each step of the funnel and all before it. `self` is an event; a source selects the views,
    /// a ticket type key the completed registrations and check-ins.
    pub fn reached(&self, source: Option<&str>, ticket_type: Option<&str>) -> [u64; 4] {
        let matching = |fact: &Fact| match fact.kind {
            EventKind::View => source.is_none_or(|one| one == fact.source),
            EventKind::Completed | EventKind::CheckIn => {
                ticket_type.is_none_or(|one| one == fact.ticket_type().0)
            }
            _ => true,
        };
        let mut people: Option<HashSet<i64>> = None;
        EventKind::FUNNEL.map(|kind| {
            let of_kind = self
                .0
                .iter()
                .filter(|fact| fact.kind == kind && matching(fact));
            let of_kind = of_kind.filter_map(|fact| fact.visitor);
            let step: HashSet<i64> = of_kind.map(|visitor| self.person(visitor)).collect();
            let remaining = match people.take() {
                None => step,
                Some(before) => &before & &step,
            };
            people.insert(remaining).len() as u64
        })
    }

    /// The people who viewed one of the events through the source and completed a registration of the same event.
    pub fn converted(&self, is_source: impl Fn(&str) -> bool) -> u64 {
        let mut viewers = HashSet::new();
        for event in 0..4 {
            let event = self.only(|fact| fact.event == event);
            let registered = event.people(EventKind::Completed);
            let views = event.only(|fact| fact.kind == EventKind::View && is_source(fact.source));
            let visitors = views.0.iter().filter_map(|fact| fact.visitor);
            viewers.extend(visitors.filter(|&visitor| registered.contains(&event.person(visitor))));
        }
        let people: HashSet<i64> = viewers
            .into_iter()
            .map(|visitor| self.person(visitor))
            .collect();
        people.len() as u64
    }

    /// The name of a key, and the key that it is counted with.
    pub fn ticket_types(
        &self,
        zone: Tz,
    ) -> HashMap<&'static str, (&'static str, Option<&'static str>)> {
        let mut names = HashMap::new();
        let mut by_day = self.0.clone();
        by_day.sort_by_key(|fact| (day_in(fact.at, zone), fact.ticket_type().1));
        for fact in by_day {
            let (key, name) = fact.ticket_type();
            let known: &mut Option<_> = names.entry(key).or_default();
            if !matches!(fact.kind, EventKind::View | EventKind::Started) {
                *known = name.or(*known);
            }
        }
        let resolved = names.iter().map(|(&key, &name)| {
            let ids: Vec<_> = names
                .iter()
                .filter(|(id, id_name)| Some(key) == **id_name && **id != key)
                .collect();
            match ids[..] {
                [(&id, _)] if name == Some(key) => (key, (id, name)),
                _ => (key, (key, name)),
            }
        });
        resolved.collect()
    }
}
