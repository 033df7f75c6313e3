//! Property test: aggregating rows equals a naive recount of the facts.

mod facts;
mod pages;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use analytics_shared::period::Period;
use chrono::NaiveDate;
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use facts::{LARGE_PAGE, Naive, ZONES, day_in, fact, rows_of};

use super::{
    aggregate::{
        Aggregate, DailyMetrics, EventSummary, OrganizationSummary, RollupRows, RollupRowsBuilder,
    },
    breakdown::{EventBreakdowns, SourceBreakdown},
    funnel::{FunnelMetrics, FunnelPeople},
    kpi::{AsOfDate, Attendance, Totals},
    model::{
        EventKind, RegisteredEvent, ResolvedFilter, Revenue, RollupRow, RowRef, TicketTypeNames,
    },
    report::OrganizationReport,
    time::{test_rules, trim_to_first_fact},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn aggregation_equals_a_naive_recount(
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
        let events = summaries_of(&rows);
        let rules = test_rules(zone);
        let today = AsOfDate {
            date: period.to,
            period,
            rules: &rules,
        };
        let organization = OrganizationSummary::of(&events, &OrganizationSummary::default());
        let report = OrganizationReport::of(&events, &organization, period, &registered_events(), today, LARGE_PAGE);
        check_report(&report, &all, period, today);
        check_totals(&Totals::from(&organization.aggregates.total), &all);
        let days = events.iter().flat_map(|event| event.dates());
        let trimmed = trim_to_first_fact(period, days);
        let first_day = all.0.iter().map(|fact| day_in(fact.at, zone)).min();
        prop_assert_eq!(trimmed.from, first_day.unwrap_or(period.to));

        for event in 0..4 {
            let one = all.only(|fact| fact.event == event);
            let event_id = Uuid::from_u128(event.into());
            let rows = rows.iter().filter(|row| row.event_id == event_id).cloned();
            let rows: RollupRows = rows.collect();
            let rows = rows.all();
            let summary = EventSummary::of_rows(event_id, &rows);
            let breakdowns = EventBreakdowns::of(&summary, summary.conversion(), &rows, &TicketTypeNames::of(&rows), LARGE_PAGE);
            check_totals(&Totals::from(&summary.aggregates.total), &one);
            check_days(&summary.by_day(period), &one, zone, period);
            check_breakdowns(&breakdowns, &one, zone);
            check_funnel(&summary, &rows, &one);
        }
    }
}

/// Summarizes each event.
fn summaries_of(rows: &[RollupRow<'_>]) -> Vec<Arc<EventSummary>> {
    let mut events = BTreeMap::<Uuid, RollupRowsBuilder>::new();
    for row in rows {
        events.entry(row.event_id).or_default().push(row.clone());
    }
    let events = events.into_iter();
    let summaries = events.map(|(event, rows)| EventSummary::of(event, &rows.build(), None));
    summaries.collect()
}

/// An event without facts, one that is over within the two weeks, and one that is not.
fn registered_events() -> Vec<RegisteredEvent> {
    let event = |(id, starts_at): (u128, Option<&str>)| RegisteredEvent {
        event_id: Uuid::from_u128(id),
        tenant_id: Uuid::nil(),
        title: format!("event {id}"),
        zone: None,
        rollup_zone: None,
        starts_at: starts_at.map(|at| at.parse().unwrap()),
    };
    let events = [
        (1, Some("2026-11-01T20:00:00Z")),
        (2, Some("2027-02-01T20:00:00Z")),
        (9, None),
    ];
    events.map(event).to_vec()
}

fn check_breakdowns(breakdowns: &EventBreakdowns, naive: &Naive, zone: Tz) {
    check_sources(&breakdowns.sources, naive);
    let types = naive.ticket_types(zone);
    let mut counted = 0;
    for metrics in &breakdowns.by_ticket_type {
        let of_type = naive.only(|fact| {
            let (key, name) = types[fact.ticket_type().0];
            let name = if key == fact.ticket_type().0 {
                name
            } else {
                types[key].1
            };
            let id = (!key.is_empty() && name != Some(key)).then_some(key);
            (
                metrics.ticket_type_id.as_deref(),
                metrics.ticket_type_name.as_deref(),
            ) == (id, name)
        });
        let counts = metrics.counts;
        assert_eq!(counts.registrations, of_type.count(EventKind::Completed));
        assert_eq!(counts.cancellations, of_type.count(EventKind::Cancelled));
        assert_eq!(counts.check_ins, of_type.count(EventKind::CheckIn));
        counted += counts.registrations + counts.cancellations + counts.check_ins;
    }
    let kinds = [
        EventKind::Completed,
        EventKind::Cancelled,
        EventKind::CheckIn,
    ];
    assert_eq!(
        counted,
        kinds.map(|kind| naive.count(kind)).iter().sum::<u64>()
    );
}

fn check_days(by_day: &[DailyMetrics], naive: &Naive, zone: Tz, period: Period) {
    let days: Vec<_> = period.days().collect();
    assert_eq!(by_day.len(), days.len());
    for (metrics, day) in by_day.iter().zip(days) {
        let of_day = naive.only(|fact| day_in(fact.at, zone) == day);
        assert_eq!(
            (metrics.date.0, metrics.counts.views),
            (day, of_day.count(EventKind::View))
        );
        assert_eq!(
            metrics.counts.unique_views,
            of_day.visitors(EventKind::View)
        );
        assert_eq!(
            metrics.counts.registrations,
            of_day.count(EventKind::Completed)
        );
        assert_eq!(
            metrics.counts.cancellations,
            of_day.count(EventKind::Cancelled)
        );
        assert_eq!(metrics.counts.check_ins, of_day.count(EventKind::CheckIn));
    }
}

fn check_sources(sources: &SourceBreakdown, naive: &Naive) {
    assert_eq!(sources.other_sources, None);
    let mut rest: BTreeSet<_> = naive.0.iter().map(|fact| fact.source).collect();
    for metrics in &sources.by_source {
        let source = rest
            .take(metrics.source.as_str())
            .expect("each source once");
        let of_source = naive.only(|fact| fact.source == source);
        assert_eq!(metrics.views, of_source.count(EventKind::View));
        assert_eq!(metrics.unique_views, of_source.visitors(EventKind::View));
        assert_eq!(metrics.registrations, of_source.count(EventKind::Completed));
        assert_eq!(metrics.check_ins, of_source.count(EventKind::CheckIn));
        let converted = naive.converted(|one| one == source);
        assert_eq!(metrics.converted_visitors, converted);
        assert_eq!(
            metrics.conversion_rate,
            rate(converted, metrics.unique_views)
        );
        assert!(metrics.conversion_rate.is_none_or(|rate| rate <= 1.0));
    }
    for kind in [EventKind::View, EventKind::Completed, EventKind::CheckIn] {
        assert_eq!(naive.only(|fact| rest.contains(fact.source)).count(kind), 0);
    }
}

fn check_funnel(summary: &EventSummary, rows: &[RowRef<'_>], naive: &Naive) {
    let total = &summary.aggregates.total;
    let reached = FunnelPeople::of(rows, &ResolvedFilter::default()).reached();
    let funnel = &FunnelMetrics::of(total, reached);
    check_people(funnel, total, rows, naive);
    for (step, kind) in funnel.steps.iter().zip(EventKind::FUNNEL) {
        assert_eq!(step.count, naive.count(kind));
        assert_eq!(step.visitors, naive.visitors(kind));
    }
    let first = naive.count(EventKind::View);
    let kinds = EventKind::FUNNEL.windows(2);
    for (step, kinds) in funnel.steps[1..].iter().zip(kinds) {
        let (before, here) = (naive.count(kinds[0]), naive.count(kinds[1]));
        assert_eq!(step.drop_off, before.saturating_sub(here));
        assert_eq!(step.conversion_from_previous, rate(here, before));
        assert_eq!(step.conversion_from_first, rate(here, first));
    }
    assert_eq!(funnel.steps[0].conversion_from_previous, None);
    let [views, started, completed, checked_in] = EventKind::FUNNEL.map(|kind| naive.count(kind));
    for (found, part, whole) in [
        (funnel.start_rate, started, views),
        (funnel.completion_rate, completed, started),
        (funnel.attendance_rate, checked_in, completed),
    ] {
        assert_eq!(found, rate(part, whole));
    }
}

/// Checks the people of each step, for all facts and for filters.
fn check_people(funnel: &FunnelMetrics, total: &Aggregate, rows: &[RowRef<'_>], naive: &Naive) {
    let found: Vec<u64> = funnel.steps.iter().map(|step| step.reached).collect();
    assert_eq!(found, naive.reached(None, None));
    assert!(found.is_sorted_by(|before, here| before >= here));
    let rates = funnel.steps.iter().flat_map(|step| {
        [
            step.reached_rate_from_previous,
            step.reached_rate_from_first,
        ]
    });
    let mut rates = rates.flatten();
    assert!(rates.all(|rate| (0.0..=1.0).contains(&rate)));
    let counts = EventKind::FUNNEL.map(|kind| naive.count(kind));
    let exceeds = |from: usize, to: usize| counts[from] > 0 && counts[to] > counts[from];
    let is_explained =
        (0..3).any(|from| exceeds(from, from + 1)) || (1..4).any(|to| exceeds(0, to));
    assert_eq!(funnel.basis.is_some(), is_explained);
    for (source, ticket_type) in [
        (None, None),
        (Some("t.co"), None),
        (None, Some("t1")),
        (Some("t.co"), Some("t1")),
    ] {
        let filter = ResolvedFilter {
            source: source.map(Into::into),
            ticket_types: ticket_type.map(|one| vec![one.to_owned()]),
        };
        let reached = naive.reached(source, ticket_type);
        assert_eq!(FunnelPeople::of(rows, &filter).reached(), reached);
        let of_total = FunnelPeople::of_total(total, rows, &filter);
        assert_eq!(of_total.reached(), reached);
    }
}

fn rate(part: u64, whole: u64) -> Option<f64> {
    let [part, whole] = [part, whole].map(|count| u32::try_from(count).unwrap());
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

fn check_report(report: &OrganizationReport, naive: &Naive, period: Period, today: AsOfDate) {
    check_totals(&report.totals.totals, naive);
    check_days(&report.by_day, naive, today.rules.zone(), period);
    check_sources(&report.sources, naive);
    let mut listed: BTreeSet<_> = naive.0.iter().map(|fact| fact.event.into()).collect();
    listed.extend(
        registered_events()
            .iter()
            .map(|event| event.event_id.as_u128()),
    );
    let events = report.events.iter();
    assert!(events.map(|event| event.event_id.as_u128()).eq(listed));

    let mut no_shows = None;
    for event in &report.events {
        let of_event = naive.only(|fact| u128::from(fact.event) == event.event_id.as_u128());
        check_totals(&event.totals, &of_event);
        let day = event.starts_at.map(|at| day_in(at, today.rules.zone()));
        let is_over =
            day.is_some_and(|day| period.from <= day && day <= period.to && day < today.date);
        let registered = of_event.count(EventKind::Completed);
        let confirmed = registered.saturating_sub(of_event.count(EventKind::Cancelled));
        let missing = confirmed.saturating_sub(of_event.count(EventKind::CheckIn));
        assert_eq!(event.no_shows, is_over.then_some(missing));
        no_shows = no_shows.or(event.no_shows);
    }
    assert_eq!(
        report.totals.no_shows, no_shows,
        "one event is over at most"
    );

    let mut came = HashMap::<i64, HashSet<u8>>::new();
    for fact in naive.only(|fact| fact.kind == EventKind::CheckIn).0 {
        let visitor = fact.visitor.into_iter();
        visitor.for_each(|visitor| _ = came.entry(visitor).or_default().insert(fact.event));
    }
    let returning_attendees = came.values().filter(|events| events.len() > 1).count() as u64;
    let attendees = came.len() as u64;
    assert_eq!(
        report.totals.attendance,
        Attendance {
            attendees,
            returning_attendees,
        }
    );
}

fn check_totals(totals: &Totals, naive: &Naive) {
    let metrics = &totals.metrics;
    let (views, registrations) = (
        naive.count(EventKind::View),
        naive.count(EventKind::Completed),
    );
    assert_eq!(metrics.total_views, views);
    assert_eq!(metrics.unique_views, naive.visitors(EventKind::View));
    assert_eq!(metrics.total_registrations, registrations);
    let confirmed = registrations.saturating_sub(naive.count(EventKind::Cancelled));
    assert_eq!(metrics.confirmed_registrations, confirmed);
    assert_eq!(metrics.checked_in, naive.count(EventKind::CheckIn));
    assert_eq!(metrics.view_to_registration_rate.is_none(), views == 0);
    assert_eq!(
        metrics.registration_to_checkin_rate.is_none(),
        registrations == 0
    );
    let cancelled = naive.count(EventKind::Cancelled);
    assert_eq!(totals.cancellations, cancelled);
    let rate = rate(cancelled, naive.count(EventKind::Completed));
    assert_eq!(totals.cancellation_rate, rate);
    check_revenue(&totals.revenue, naive);
}

fn check_revenue(revenue: &[Revenue], naive: &Naive) {
    let amount = |naive: &Naive| naive.0.iter().map(|fact| fact.payment.0).sum::<i64>();
    let of = |kind: EventKind, currency: &str| {
        naive.only(|fact| fact.kind == kind && fact.payment.1 == currency)
    };
    for metrics in revenue {
        let paid = of(EventKind::Payment, &metrics.currency);
        let refunded = of(EventKind::Refund, &metrics.currency);
        assert_eq!(metrics.amount_cents, amount(&paid));
        assert_eq!(metrics.refunded_cents, amount(&refunded));
        if !metrics.currency.is_empty() {
            assert_eq!(metrics.payments, paid.0.len() as u64);
            assert_eq!(metrics.refunds, refunded.0.len() as u64);
        }
    }
    let amounts = revenue.iter();
    let amounts = amounts.map(|metrics| metrics.amount_cents + metrics.refunded_cents);
    assert_eq!(amounts.sum::<i64>(), amount(naive));
}
