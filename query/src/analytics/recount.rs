//! Property test: folding rows gives what a naive recount of the facts gives.

mod facts;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use analytics_shared::period::Period;
use chrono::NaiveDate;
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use facts::{Naive, ZONES, day_in, fact, rows_of};

use super::{
    Attendance, Dashboard, DayFigures, DayRows, EventSummary, Funnel, Kind, KnownEvent, Names,
    OrganizationSummary, Report, Row, SourceFigures, Today, clock, starting_with_facts,
    tally::grouped,
};

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
            (period.from..=period.to).contains(&day_in(fact.at, zone))
        });

        let rows = rows_of(&facts, zone, period, parts);
        let of_all: Vec<&Row> = rows.iter().collect();
        let events = summaries_of(&of_all);
        let clock = clock(zone);
        let today = Today {
            date: period.to,
            asked: period,
            clock: &clock,
        };
        let organization = OrganizationSummary::of(&events, &OrganizationSummary::default());
        let report = Report::of(&events, &organization, period, &known_events(), today);
        check_report(&report, &all, period, today);
        check_totals(&organization.totals(), &all);
        let days = events.iter().flat_map(|event| event.dates());
        let trimmed = starting_with_facts(period, days);
        let first_day = all.0.iter().map(|fact| day_in(fact.at, zone)).min();
        prop_assert_eq!(trimmed.from, first_day.unwrap_or(period.to));

        for event in 0..4 {
            let one = all.only(|fact| fact.event == event);
            let mut rows = of_all.clone();
            rows.retain(|row| row.event_id == Uuid::from_u128(event.into()));
            let summary = EventSummary::of_rows(Uuid::from_u128(event.into()), &rows);
            let dashboard = Dashboard::of(&summary, &rows, &Names::of(&rows), period);
            check_dashboard(&dashboard, &one, zone, period);
            check_funnel(&Funnel::of(&summary), &one);
        }
    }
}

/// The summary of each event.
fn summaries_of(rows: &[&Row]) -> Vec<Arc<EventSummary>> {
    let events = grouped(rows.iter().copied(), |row| row.event_id).into_iter();
    let summaries = events.map(|(event, rows)| {
        let days = DayRows::by_day(rows.into_iter().cloned().collect());
        EventSummary::of(event, &days.into_iter().collect(), None)
    });
    summaries.map(Arc::new).collect()
}

/// One without facts, one that is over within the two weeks, and one that is not.
fn known_events() -> Vec<KnownEvent> {
    let event = |(id, starts_at): (u128, Option<&str>)| KnownEvent {
        event_id: Uuid::from_u128(id),
        title: format!("event {id}"),
        starts_at: starts_at.map(|at| at.parse().unwrap()),
    };
    let events = [
        (1, Some("2026-11-01T20:00:00Z")),
        (2, Some("2027-02-01T20:00:00Z")),
        (9, None),
    ];
    events.map(event).to_vec()
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
    check_days(&dashboard.by_day, naive, zone, period);
    check_sources(&dashboard.by_source, naive);
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

fn check_days(by_day: &[DayFigures], naive: &Naive, zone: Tz, period: Period) {
    let days: Vec<_> = period.days().collect();
    assert_eq!(by_day.len(), days.len());
    for (figures, day) in by_day.iter().zip(days) {
        let of_day = naive.only(|fact| day_in(fact.at, zone) == day);
        assert_eq!(
            (figures.date, figures.views),
            (day, of_day.count(Kind::View))
        );
        assert_eq!(figures.unique_views, of_day.visitors(Kind::View));
        assert_eq!(figures.registrations, of_day.count(Kind::Completed));
        assert_eq!(figures.cancellations, of_day.count(Kind::Cancelled));
        assert_eq!(figures.check_ins, of_day.count(Kind::CheckIn));
    }
}

fn check_sources(by_source: &[SourceFigures], naive: &Naive) {
    let mut rest: BTreeSet<_> = naive.0.iter().map(|fact| fact.source).collect();
    for figures in by_source {
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
}

fn check_funnel(funnel: &Funnel, naive: &Naive) {
    for step in &funnel.steps {
        assert_eq!(step.count, naive.count(step.kind));
        assert_eq!(step.visitors, naive.visitors(step.kind));
    }
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

fn rate(part: u64, whole: u64) -> Option<f64> {
    let [part, whole] = [part, whole].map(|count| u32::try_from(count).unwrap());
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

fn check_report(report: &Report, naive: &Naive, period: Period, today: Today) {
    check_totals(&report.totals, naive);
    check_days(&report.by_day, naive, today.clock.zone(), period);
    check_sources(&report.by_source, naive);
    let mut listed: BTreeSet<_> = naive.0.iter().map(|fact| fact.event.into()).collect();
    listed.extend(known_events().iter().map(|event| event.event_id.as_u128()));
    let events = report.events.iter();
    assert!(events.map(|event| event.event_id.as_u128()).eq(listed));

    let mut no_shows = None;
    for event in &report.events {
        let of_event = naive.only(|fact| u128::from(fact.event) == event.event_id.as_u128());
        check_totals(&event.totals, &of_event);
        let day = event.starts_at.map(|at| day_in(at, today.clock.zone()));
        let is_over =
            day.is_some_and(|day| period.from <= day && day <= period.to && day < today.date);
        let registered = of_event.count(Kind::Completed);
        let confirmed = registered.saturating_sub(of_event.count(Kind::Cancelled));
        let missing = confirmed.saturating_sub(of_event.count(Kind::CheckIn));
        assert_eq!(event.no_shows, is_over.then_some(missing));
        no_shows = no_shows.or(event.no_shows);
    }
    assert_eq!(report.no_shows, no_shows, "one event is over at most");

    let mut came = HashMap::<i64, HashSet<u8>>::new();
    for fact in naive.only(|fact| fact.kind == Kind::CheckIn).0 {
        let visitor = fact.visitor.into_iter();
        visitor.for_each(|visitor| _ = came.entry(visitor).or_default().insert(fact.event));
    }
    let returning = came.values().filter(|events| events.len() > 1).count() as u64;
    let attendees = came.len() as u64;
    assert_eq!(
        report.attendance,
        Attendance {
            attendees,
            returning
        }
    );
}

fn check_totals(totals: &super::Totals, naive: &Naive) {
    check_headline(&totals.headline, naive);
    let cancelled = naive.count(Kind::Cancelled);
    assert_eq!(totals.cancellations, cancelled);
    let rate = rate(cancelled, naive.count(Kind::Completed));
    assert_eq!(totals.cancellation_rate, rate);
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
