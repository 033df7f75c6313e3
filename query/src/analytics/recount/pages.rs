//! Property test: the listed entries of a breakdown and the sum of the others are all facts.

use analytics_shared::period::Period;
use chrono::NaiveDate;
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use super::facts::{Fact, LARGE_PAGE, Naive, fact, rows_of};
use crate::analytics::{
    aggregate::{EventSummary, RollupRows},
    breakdown::EventBreakdowns,
    funnel::{FunnelGroups, FunnelMetrics, FunnelPeople, GroupBy, GroupScope},
    model::{EventKind, PageRange, ResolvedFilter, RowRef, TicketTypeNames},
};

const TICKET_KINDS: [EventKind; 3] = [
    EventKind::Completed,
    EventKind::Cancelled,
    EventKind::CheckIn,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_page_and_the_sum_of_the_others_are_all_facts(
        facts in prop::collection::vec(fact(), 0..80),
        parts in 1..4_usize,
        (number, size) in (0..4_u32, 1..6_u32),
    ) {
        let facts: Vec<Fact> = facts.into_iter().map(|fact| Fact { event: 0, ..fact }).collect();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let period = Period::new(day("2026-10-24"), day("2026-11-09")).unwrap();
        let rows: RollupRows = rows_of(&facts, Tz::UTC, period, parts).into_iter().collect();
        let rows = rows.all();
        let naive = Naive(facts.iter().collect());
        let page = PageRange { number, size };
        check_sources(&rows, &naive, page);
        check_ticket_types(&rows, &naive, page);
        check_groups(&rows, &naive, page, period);
    }
}

fn breakdowns(rows: &[RowRef<'_>], page: PageRange) -> EventBreakdowns {
    let summary = EventSummary::of_rows(Uuid::nil(), rows);
    EventBreakdowns::of(
        &summary,
        summary.conversion(),
        rows,
        &TicketTypeNames::of(rows),
        page,
    )
}

/// Returns the people of each step.
fn people(funnel: &FunnelMetrics) -> [u64; 4] {
    std::array::from_fn(|step| funnel.steps[step].reached)
}

/// Returns the entries of the page of a list.
fn page_of<T: Clone>(all: &[T], page: PageRange) -> Vec<T> {
    let (number, size) = (page.number as usize, page.size as usize);
    all.iter().skip(number * size).take(size).cloned().collect()
}

fn check_sources(rows: &[RowRef<'_>], naive: &Naive, page: PageRange) {
    let all = breakdowns(rows, LARGE_PAGE).sources.by_source;
    let found = breakdowns(rows, page).sources;
    assert_eq!(found.by_source, page_of(&all, page));
    let is_listed = |fact: &Fact| found.by_source.iter().any(|one| one.source == fact.source);
    let others = naive.only(|fact| !is_listed(fact));
    let Some(other_sources) = found.other_sources else {
        assert_eq!(found.by_source.len(), all.len());
        return;
    };
    let unlisted = all.len() - found.by_source.len();
    assert_eq!(other_sources.sources, unlisted as u64);
    assert_eq!(other_sources.views, others.count(EventKind::View));
    assert_eq!(other_sources.unique_views, others.visitors(EventKind::View));
    assert_eq!(
        other_sources.registrations,
        others.count(EventKind::Completed)
    );
    assert_eq!(other_sources.check_ins, others.count(EventKind::CheckIn));
    let is_other = |source: &str| found.by_source.iter().all(|one| one.source != source);
    assert_eq!(other_sources.converted_visitors, naive.converted(is_other));
}

fn check_ticket_types(rows: &[RowRef<'_>], naive: &Naive, page: PageRange) {
    let (all, found) = (breakdowns(rows, LARGE_PAGE), breakdowns(rows, page));
    let total = TICKET_KINDS.map(|kind| naive.count(kind));

    assert_eq!(found.by_ticket_type, page_of(&all.by_ticket_type, page));
    let others = found.other_ticket_types;
    let unlisted = all.by_ticket_type.len() - found.by_ticket_type.len();
    let ticket_types = others.as_ref().map_or(0, |others| others.ticket_types);
    assert_eq!(ticket_types, unlisted as u64);
    let listed = found.by_ticket_type.iter().map(|one| one.counts);
    let sum = listed.chain(others.map(|others| others.counts)).fold(
        [0; 3],
        |[registrations, cancellations, check_ins], counts| {
            [
                registrations + counts.registrations,
                cancellations + counts.cancellations,
                check_ins + counts.check_ins,
            ]
        },
    );
    assert_eq!(sum, total);

    let pairs = &all.by_source_and_ticket_type;
    assert_eq!(found.by_source_and_ticket_type, page_of(pairs, page));
    let listed = found.by_source_and_ticket_type.iter();
    let listed = listed.map(|pair| pair.metrics.counts.registrations);
    let others = found.other_sources_and_ticket_types;
    let others = others.map(|others| others.counts.registrations);
    assert_eq!(listed.chain(others).sum::<u64>(), total[0]);
}

fn check_groups(rows: &[RowRef<'_>], naive: &Naive, page: PageRange, period: Period) {
    let names = TicketTypeNames::of(rows);
    for by in [GroupBy::Source, GroupBy::TicketType] {
        let filter = ResolvedFilter::default();
        let scope = GroupScope {
            all: rows,
            matching: rows,
            filter: &filter,
            people: &FunnelPeople::of(rows, &filter),
        };
        let groups = |page| FunnelGroups::of(scope, by, &names, (period, period.to), page);
        let (all, found) = (groups(LARGE_PAGE).groups.unwrap(), groups(page));
        let listed = found.groups.unwrap();
        assert_eq!(listed, page_of(&all, page));
        for group in &listed {
            let reached = naive.reached(group.source.as_deref(), None);
            if by == GroupBy::Source {
                assert_eq!(people(&group.funnel), reached);
            }
        }
        let others = found.other_groups;
        let counts = listed.iter().map(|group| group.funnel.counts());
        let counts = counts.chain(others.iter().map(|others| others.funnel.counts()));
        let sum = counts.fold([0; 4], |sum, counts| {
            std::array::from_fn(|step| sum[step] + counts[step])
        });
        assert_eq!(sum, EventKind::FUNNEL.map(|kind| naive.count(kind)));
        let Some(others) = others else {
            assert_eq!(listed.len(), all.len());
            continue;
        };
        assert_eq!(others.groups, (all.len() - listed.len()) as u64);
        if by == GroupBy::Source {
            let is_listed = |fact: &Fact| {
                listed
                    .iter()
                    .any(|one| one.source.as_deref() == Some(fact.source))
            };
            let naive = naive.only(|fact| !is_listed(fact));
            for (step, kind) in others.funnel.steps.iter().zip(EventKind::FUNNEL) {
                assert_eq!(step.visitors, naive.visitors(kind));
            }
        }
    }
}
