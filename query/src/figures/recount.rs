//! Property test: folding rows gives what a naive recount of the facts gives.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use analytics_shared::{
    period::{self, Period},
    visitor_set::VisitorSet,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use super::{Dashboard, Funnel, Kind, KnownEvent, Report, Row, starting_with_facts};

const ZONES: [Tz; 6] = [
    Tz::UTC,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::America__Havana,
    Tz::Asia__Kathmandu,
    Tz::Pacific__Apia,
];

#[derive(Clone, Debug)]
struct Fact {
    at: DateTime<Utc>,
    event: u8,
    kind: Kind,
    source: &'static str,
    ticket_type: Option<(Option<&'static str>, Option<&'static str>)>,
    visitor: Option<i64>,
    payment: (i64, &'static str),
}

impl Fact {
    fn ticket_type(&self) -> (&'static str, Option<&'static str>) {
        let (id, name) = self.ticket_type.unwrap_or_default();
        (id.or(name).unwrap_or_default(), name)
    }
}

fn fact() -> impl Strategy<Value = Fact> {
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
        prop::sample::select(&Kind::ALL[..]),
        prop::sample::select(&["direct", "newsletter", "t.co"][..]),
        prop::option::of(ticket_type),
        prop::option::of(1..12_i64),
        (0..3_i64, prop::sample::select(&["", "EUR", "RUB"][..])),
    )
        .prop_map(
            move |(second, event, kind, source, ticket_type, visitor, payment)| Fact {
                at: start + TimeDelta::seconds(second),
                event,
                kind,
                source,
                ticket_type,
                visitor,
                payment: if matches!(kind, Kind::Payment | Kind::Refund) {
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

/// Rows as the store would read them; `parts` spreads the visitors of a key over several rows.
fn rows_of(facts: &[Fact], zone: Tz, period: Period, parts: usize) -> Vec<Row> {
    let mut groups = BTreeMap::<Key, Vec<&Fact>>::new();
    for fact in facts {
        let day = period::day_in(fact.at, zone);
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
        let mut row = Row {
            event_id: Uuid::from_u128(event.into()),
            day,
            kind: Kind::ALL[kind],
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
            visitors: VisitorSet::default(),
        };
        rows.push(row.clone());
        (row.count, row.amount_cents, row.ticket_type_name) = (0, 0, None);
        for part in group.chunks(group.len().div_ceil(parts)) {
            row.visitors = part.iter().filter_map(|fact| fact.visitor).collect();
            rows.push(row.clone());
        }
    }
    rows
}

/// Counting by looking at every fact.
struct Naive<'a>(Vec<&'a Fact>);

impl Naive<'_> {
    fn only(&self, matching: impl Fn(&Fact) -> bool) -> Self {
        let facts = self.0.iter().copied();
        Self(facts.filter(|fact| matching(fact)).collect())
    }

    fn count(&self, kind: Kind) -> u64 {
        self.0.iter().filter(|fact| fact.kind == kind).count() as u64
    }

    fn visitors(&self, kind: Kind) -> u64 {
        let of_kind = self.0.iter().filter(|fact| fact.kind == kind);
        let visitors: HashSet<_> = of_kind.filter_map(|fact| fact.visitor).collect();
        visitors.len() as u64
    }

    /// The name of a key, and the key that it is counted with.
    fn ticket_types(
        &self,
        zone: Tz,
    ) -> HashMap<&'static str, (&'static str, Option<&'static str>)> {
        let mut names = HashMap::new();
        let mut by_day = self.0.clone();
        by_day.sort_by_key(|fact| (period::day_in(fact.at, zone), fact.ticket_type().1));
        for fact in by_day {
            let (key, name) = fact.ticket_type();
            let known: &mut Option<_> = names.entry(key).or_default();
            if !matches!(fact.kind, Kind::View | Kind::Started) {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_fold_equals_a_naive_recount(
        facts in prop::collection::vec(fact(), 0..80),
        zone in prop::sample::select(&ZONES[..]),
        (first, length) in (0..14_u64, 0..14_u64),
        parts in 1..4_usize,
    ) {
        let start: NaiveDate = "2026-10-24".parse().unwrap();
        let from = start + chrono::Days::new(first);
        let period = Period::new(from, from + chrono::Days::new(length)).unwrap();
        let all = Naive(facts.iter().collect()).only(|fact| {
            (period.from..=period.to).contains(&period::day_in(fact.at, zone))
        });

        let rows = rows_of(&facts, zone, period, parts);
        let of_all: Vec<&Row> = rows.iter().collect();
        let report = Report::fold(&of_all, period, &[KnownEvent {
            event_id: Uuid::from_u128(9),
            title: "never seen".into(),
            starts_at: None,
        }]);
        check_report(&report, &all);
        let trimmed = starting_with_facts(period, &of_all);
        let first_day = all.0.iter().map(|fact| period::day_in(fact.at, zone)).min();
        prop_assert_eq!(trimmed.from, first_day.unwrap_or(period.to));

        for event in 0..4 {
            let one = all.only(|fact| fact.event == event);
            let mut rows = of_all.clone();
            rows.retain(|row| row.event_id == Uuid::from_u128(event.into()));
            check_dashboard(&Dashboard::fold(&rows, period), &one, zone, period);
            check_funnel(&Funnel::fold(&rows), &one);
        }
    }
}

fn check_headline(headline: &super::Headline, naive: &Naive) {
    let (views, registrations) = (naive.count(Kind::View), naive.count(Kind::Completed));
    assert_eq!(headline.total_views, views);
    assert_eq!(headline.unique_views, naive.visitors(Kind::View));
    assert_eq!(headline.total_registrations, registrations);
    let confirmed = registrations.saturating_sub(naive.count(Kind::Cancelled));
    assert_eq!(headline.confirmed_registrations, confirmed);
    assert_eq!(headline.checked_in, naive.count(Kind::CheckIn));
    assert_eq!(headline.view_to_registration_rate.is_none(), views == 0);
    assert_eq!(
        headline.registration_to_checkin_rate.is_none(),
        registrations == 0
    );
}

fn check_dashboard(dashboard: &Dashboard, naive: &Naive, zone: Tz, period: Period) {
    check_totals(&dashboard.totals, naive);
    let days: Vec<_> = period.days().collect();
    assert_eq!(dashboard.by_day.len(), days.len());
    for (figures, day) in dashboard.by_day.iter().zip(days) {
        let of_day = naive.only(|fact| period::day_in(fact.at, zone) == day);
        assert_eq!(
            (figures.date, figures.views),
            (day, of_day.count(Kind::View))
        );
        assert_eq!(figures.unique_views, of_day.visitors(Kind::View));
        assert_eq!(figures.registrations, of_day.count(Kind::Completed));
        assert_eq!(figures.cancellations, of_day.count(Kind::Cancelled));
        assert_eq!(figures.check_ins, of_day.count(Kind::CheckIn));
    }

    let mut rest: BTreeSet<_> = naive.0.iter().map(|fact| fact.source).collect();
    for figures in &dashboard.by_source {
        let source = rest
            .take(figures.source.as_str())
            .expect("each source once");
        let of_source = naive.only(|fact| fact.source == source);
        assert_eq!(figures.views, of_source.count(Kind::View));
        assert_eq!(figures.unique_views, of_source.visitors(Kind::View));
        assert_eq!(figures.registrations, of_source.count(Kind::Completed));
        assert_eq!(figures.check_ins, of_source.count(Kind::CheckIn));
    }
    for kind in [Kind::View, Kind::Completed, Kind::CheckIn] {
        assert_eq!(naive.only(|fact| rest.contains(fact.source)).count(kind), 0);
    }

    let types = naive.ticket_types(zone);
    let mut counted = 0;
    for figures in &dashboard.by_ticket_type {
        let of_type = naive.only(|fact| {
            let (key, name) = types[fact.ticket_type().0];
            let name = if key == fact.ticket_type().0 {
                name
            } else {
                types[key].1
            };
            let id = (!key.is_empty() && name != Some(key)).then_some(key);
            (
                figures.ticket_type_id.as_deref(),
                figures.ticket_type_name.as_deref(),
            ) == (id, name)
        });
        assert_eq!(figures.registrations, of_type.count(Kind::Completed));
        assert_eq!(figures.cancellations, of_type.count(Kind::Cancelled));
        assert_eq!(figures.check_ins, of_type.count(Kind::CheckIn));
        counted += figures.registrations + figures.cancellations + figures.check_ins;
    }
    let kinds = [Kind::Completed, Kind::Cancelled, Kind::CheckIn];
    assert_eq!(
        counted,
        kinds.map(|kind| naive.count(kind)).iter().sum::<u64>()
    );
}

fn check_funnel(funnel: &Funnel, naive: &Naive) {
    for step in &funnel.steps {
        assert_eq!(step.count, naive.count(step.kind));
        assert_eq!(step.visitors, naive.visitors(step.kind));
    }
    let rate = |part: u64, whole: u64| {
        let [part, whole] = [part, whole].map(|count| u32::try_from(count).unwrap());
        (whole > 0).then(|| f64::from(part) / f64::from(whole))
    };
    let first = naive.count(Kind::View);
    for (earlier, step) in funnel.steps.iter().zip(&funnel.steps[1..]) {
        let (before, here) = (naive.count(earlier.kind), naive.count(step.kind));
        assert_eq!(step.drop_off, before.saturating_sub(here));
        assert_eq!(step.conversion_from_previous, rate(here, before));
        assert_eq!(step.conversion_from_first, rate(here, first));
    }
    assert_eq!(funnel.steps[0].conversion_from_previous, None);
    let [views, started, completed, checked_in] = Funnel::STEPS.map(|kind| naive.count(kind));
    for (told, part, whole) in [
        (funnel.start_rate, started, views),
        (funnel.completion_rate, completed, started),
        (funnel.attendance_rate, checked_in, completed),
    ] {
        assert_eq!(told, rate(part, whole));
    }
}

fn check_report(report: &Report, naive: &Naive) {
    check_totals(&report.totals, naive);
    let with_facts: BTreeSet<_> = naive.0.iter().map(|fact| fact.event).collect();
    let mut listed: Vec<_> = report
        .events
        .iter()
        .map(|event| event.event_id.as_u128())
        .collect();
    assert_eq!(
        listed.pop(),
        Some(9),
        "a registered event without facts is listed"
    );
    assert!(
        listed
            .into_iter()
            .eq(with_facts.into_iter().map(u128::from))
    );
    for event in &report.events {
        let of_event = naive.only(|fact| u128::from(fact.event) == event.event_id.as_u128());
        check_totals(&event.totals, &of_event);
    }
}

fn check_totals(totals: &super::Totals, naive: &Naive) {
    check_headline(&totals.headline, naive);
    assert_eq!(totals.cancellations, naive.count(Kind::Cancelled));
    check_revenue(&totals.revenue, naive);
}

fn check_revenue(revenue: &[super::Revenue], naive: &Naive) {
    let amount = |naive: &Naive| naive.0.iter().map(|fact| fact.payment.0).sum::<i64>();
    let of = |kind: Kind, currency: &str| {
        naive.only(|fact| fact.kind == kind && fact.payment.1 == currency)
    };
    for figures in revenue {
        let paid = of(Kind::Payment, &figures.currency);
        let refunded = of(Kind::Refund, &figures.currency);
        assert_eq!(figures.amount_cents, amount(&paid));
        assert_eq!(figures.refunded_cents, amount(&refunded));
        if !figures.currency.is_empty() {
            assert_eq!(figures.payments, paid.0.len() as u64);
            assert_eq!(figures.refunds, refunded.0.len() as u64);
        }
    }
    let told = revenue.iter();
    let told = told.map(|figures| figures.amount_cents + figures.refunded_cents);
    assert_eq!(told.sum::<i64>(), amount(naive));
}
