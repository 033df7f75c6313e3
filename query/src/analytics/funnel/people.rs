//! The people who took the steps of the funnel, and how many of them took all steps up to each.

use analytics_shared::{period::Period, visitor_set::VisitorSet};

use crate::analytics::{
    aggregate::Aggregate,
    model::{EventKind, Links, ResolvedFilter, RowRef},
};

/// The people who took each step of the funnel of an event, in the order of [`EventKind::FUNNEL`].
#[derive(Clone, Debug)]
pub struct FunnelPeople {
    steps: [VisitorSet; 4],
    links: Links,
}

impl FunnelPeople {
    /// Returns the people of `rows`, which are all rows of a period. A source selects the views, a ticket type the
    /// completed registrations and the check-ins: most other facts of the same people have neither.
    pub fn of(rows: &[RowRef<'_>], filter: &ResolvedFilter) -> Self {
        Self::of_steps(rows, filter, |_, _| true)
    }

    /// Returns the people whose registration was completed in `period`: those of them who took each step, with their
    /// views and started registrations up to its end, and their check-ins up to now. `rows` are all rows of the event.
    pub fn of_cohort(rows: &[RowRef<'_>], filter: &ResolvedFilter, period: Period) -> Self {
        let mut people = Self::of_steps(rows, filter, |kind, row| match kind {
            EventKind::Completed => (period.from..=period.to).contains(&row.day()),
            EventKind::CheckIn => row.day() >= period.from,
            _ => row.day() <= period.to,
        });
        let cohort = people.steps[2].clone();
        people.steps = people.steps.map(|step| step.intersection(&cohort));
        people
    }

    /// Returns the same as [`Self::of`]. `total` aggregates all of `rows`: the visitors of steps that the filter leaves
    /// whole are taken from there.
    pub fn of_total(total: &Aggregate, rows: &[RowRef<'_>], filter: &ResolvedFilter) -> Self {
        let links = total.links().clone();
        let visitors = |kind| step_visitors(total, rows, filter, kind);
        let steps = EventKind::FUNNEL.map(|kind| links.people(&visitors(kind)));
        Self { steps, links }
    }

    fn of_steps(
        rows: &[RowRef<'_>],
        filter: &ResolvedFilter,
        is_included: impl Fn(EventKind, &RowRef<'_>) -> bool,
    ) -> Self {
        let links: Links = rows.iter().flat_map(|row| row.links()).copied().collect();
        let steps = EventKind::FUNNEL.map(|kind| {
            let visitors = matching_visitors(rows, filter, kind, |row| is_included(kind, row));
            links.people(&visitors)
        });
        Self { steps, links }
    }

    /// Returns the number of people who took each step and all steps before it.
    pub fn reached(&self) -> [u64; 4] {
        reached(self.steps.each_ref())
    }

    /// Returns the same for the people of some views, instead of those of all.
    pub fn reached_from_views(&self, viewers: &VisitorSet) -> [u64; 4] {
        let [_, started, completed, checked_in] = &self.steps;
        reached([&self.links.people(viewers), started, completed, checked_in])
    }

    /// Returns the same for the people of some completed registrations and check-ins, instead of those of all.
    pub fn reached_to(&self, completed: &VisitorSet, checked_in: &VisitorSet) -> [u64; 4] {
        let [viewed, started, ..] = &self.steps;
        let [completed, checked_in] = [completed, checked_in].map(|set| self.links.people(set));
        reached([viewed, started, &completed, &checked_in])
    }
}

/// Returns the visitors who took a step of the funnel and match the filter. `total` aggregates all of `rows`.
pub fn step_visitors(
    total: &Aggregate,
    rows: &[RowRef<'_>],
    filter: &ResolvedFilter,
    step: EventKind,
) -> VisitorSet {
    if !filter.selects_step(step) {
        return total.visitor_set(step).clone();
    }
    matching_visitors(rows, filter, step, |_| true)
}

/// Returns the visitors of the rows of a step of the funnel that match the filter and `is_included`.
fn matching_visitors(
    rows: &[RowRef<'_>],
    filter: &ResolvedFilter,
    step: EventKind,
    is_included: impl Fn(&RowRef<'_>) -> bool,
) -> VisitorSet {
    let rows = rows.iter().filter(|row| row.kind() == step);
    let matching = rows.filter(|row| filter.matches_step(row) && is_included(row));
    VisitorSet::union_of_sorted(matching.map(|row| row.visitors()))
}

fn reached(steps: [&VisitorSet; 4]) -> [u64; 4] {
    let mut people: Option<VisitorSet> = None;
    steps.map(|step| {
        let all = people.take();
        let remaining = all.map_or_else(|| step.clone(), |before| before.intersection(step));
        people.insert(remaining).len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::{
        aggregate::RollupRows,
        model::{Link, RollupRow},
    };

    fn row(
        day: &str,
        kind: EventKind,
        source: &'static str,
        visitors: &[i64],
    ) -> RollupRow<'static> {
        let has_ticket = matches!(kind, EventKind::Completed | EventKind::CheckIn);
        RollupRow {
            source: source.into(),
            ticket_type: if has_ticket { "vip" } else { "" }.into(),
            count: visitors.len() as u64,
            visitors: visitors.to_vec(),
            ..RollupRow::blank(day, kind)
        }
    }

    /// Browsers are below 10, users above.
    fn rows() -> RollupRows {
        let link = |visitor, user| Link { visitor, user };
        let rows = [
            row("2026-11-20", EventKind::View, "vk", &[1, 2]),
            row("2026-11-21", EventKind::View, "mail", &[3, 13]),
            RollupRow {
                links: vec![link(1, 11), link(2, 11), link(3, 13)],
                ..row("2026-11-21", EventKind::Started, "unknown", &[11, 13])
            },
            row("2026-11-21", EventKind::Completed, "unknown", &[11, 14]),
            row("2026-11-22", EventKind::Completed, "unknown", &[13]),
            row("2026-11-23", EventKind::CheckIn, "unknown", &[11, 14]),
        ];
        rows.into_iter().collect()
    }

    fn filter(source: Option<&str>, ticket_type: Option<&str>) -> ResolvedFilter {
        ResolvedFilter {
            source: source.map(Into::into),
            ticket_types: ticket_type.map(|one| vec![one.to_owned()]),
        }
    }

    #[test]
    fn a_person_who_skips_a_step_reaches_no_later_one_and_browsers_are_their_user() {
        let rows = rows();
        let reached = |source, ticket_type| {
            FunnelPeople::of(&rows.all(), &filter(source, ticket_type)).reached()
        };
        // Two browsers of 11, and 13; 14 was never seen before the registration.
        assert_eq!(reached(None, None), [2, 2, 2, 1]);
        assert_eq!(reached(Some("vk"), None), [1, 1, 1, 1]);
        assert_eq!(reached(Some("mail"), Some("vip")), [1, 1, 1, 0]);
        assert_eq!(reached(None, Some("basic")), [2, 2, 0, 0]);
    }

    #[test]
    fn a_cohort_registers_in_the_period_and_may_view_before_and_check_in_after_it() {
        let rows = rows();
        let day = |day: &str| day.parse().unwrap();
        let reached = |from, to| {
            let period = Period::new(day(from), day(to)).unwrap();
            FunnelPeople::of_cohort(&rows.all(), &filter(None, None), period).reached()
        };
        assert_eq!(reached("2026-11-21", "2026-11-21"), [1, 1, 1, 1]);
        assert_eq!(reached("2026-11-22", "2026-11-22"), [1, 1, 1, 0]);
        assert_eq!(reached("2026-11-20", "2026-11-20"), [0, 0, 0, 0]);
    }

    #[test]
    fn a_group_has_its_own_views_or_its_own_registrations() {
        let rows = rows();
        let people = FunnelPeople::of(&rows.all(), &filter(None, None));
        let set = |hashes: &[i64]| hashes.iter().copied().collect::<VisitorSet>();
        assert_eq!(people.reached_from_views(&set(&[3])), [1, 1, 1, 0]);
        assert_eq!(
            people.reached_to(&set(&[13, 14]), &set(&[14])),
            [2, 2, 1, 0]
        );
    }
}
