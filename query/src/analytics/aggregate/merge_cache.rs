//! Incremental merging of many parts, of which mostly one changes: the aggregate of all other parts
//! is kept, so that a change costs one merge of two, of the visitors that are new.

use std::sync::Arc;

use super::{changed_part::ChangedPart, source_aggregates::SourceAggregates};
use crate::analytics::model::EventKind;

/// The aggregate of all parts but one.
#[derive(Clone, Debug, Default)]
pub struct MergeCache {
    /// Ids of all parts, in order.
    parts: Vec<u64>,
    /// Index of the part that `rest` lacks.
    excluded: usize,
    rest: Arc<SourceAggregates>,
    /// The part that `rest` lacks. It and `whole` share the memory of their visitors with the summaries.
    part: Arc<SourceAggregates>,
    /// The aggregate of all parts.
    whole: Arc<SourceAggregates>,
}

impl MergeCache {
    /// Merges `parts`, each with an id that identifies its content, with the visitors of `kinds`.
    /// Returns the aggregate and the cache for the next merge.
    pub(super) fn merge(
        &self,
        parts: &[(u64, &SourceAggregates)],
        kinds: &[EventKind],
    ) -> (SourceAggregates, Self) {
        let ids: Vec<u64> = parts.iter().map(|(id, _)| *id).collect();
        let Some(excluded) = self.part_to_exclude(&ids) else {
            return Default::default();
        };
        let part = parts[excluded].1;
        let (rest, whole) = if self.has_rest_of(&ids, excluded) {
            let changed = ChangedPart {
                rest: self.rest.as_ref(),
                old: &self.part,
                new: part,
                whole: &self.whole,
            };
            let whole = SourceAggregates::merge_changed(&changed, kinds);
            (Arc::clone(&self.rest), whole)
        } else {
            let (before, after) = (&parts[..excluded], &parts[excluded + 1..]);
            let others: Vec<_> = before.iter().chain(after).map(|(_, part)| *part).collect();
            let rest = SourceAggregates::merge(&others, kinds);
            let whole = SourceAggregates::merge(&[&rest, part], kinds);
            (Arc::new(rest), whole)
        };
        let cache = Self {
            parts: ids,
            excluded,
            rest,
            part: Arc::new(part.clone()),
            whole: Arc::new(whole.clone()),
        };
        (whole, cache)
    }

    /// Returns the approximate memory beside the size of the value itself, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&self.parts[..]) + self.rest.bytes()
    }

    /// Returns the index of the last new part, else of the last part: it is the most likely to change
    /// next.
    fn part_to_exclude(&self, ids: &[u64]) -> Option<usize> {
        let is_new = |id: &u64| !self.parts.contains(id);
        let last_new = ids.iter().rposition(is_new);
        last_new.or_else(|| ids.len().checked_sub(1))
    }

    fn has_rest_of(&self, ids: &[u64], excluded: usize) -> bool {
        excluded == self.excluded
            && self.parts.len() == ids.len()
            && self.parts[..excluded] == ids[..excluded]
            && self.parts[excluded + 1..] == ids[excluded + 1..]
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::visitor_set::VisitorSet;
    use proptest::prelude::*;

    use super::*;
    use crate::analytics::{
        aggregate::day_rows::DaySummary,
        model::{DayTable, Link, Links, RollupRow},
    };

    const SOURCES: [&str; 3] = ["direct", "mail", "vk"];

    /// A fact: kind, source and visitor, and whether the visitor has a link to a user.
    type TestFact = (usize, usize, i64, bool);

    fn facts() -> impl Strategy<Value = Vec<TestFact>> {
        let fact = (
            0..EventKind::FUNNEL.len(),
            0..SOURCES.len(),
            0..9_i64,
            any::<bool>(),
        );
        prop::collection::vec(fact, 0..6)
    }

    /// A day with a row for each fact.
    fn day_of_facts(facts: &[TestFact]) -> DaySummary {
        let mut table = DayTable::new("2026-11-23".parse().unwrap());
        for &(kind, source, visitor, has_link) in facts {
            let link = Link {
                visitor,
                user: 100 + visitor % 3,
            };
            table.push(RollupRow {
                source: SOURCES[source].into(),
                count: 1,
                visitors: vec![visitor],
                links: if has_link { vec![link] } else { Vec::new() },
                ..RollupRow::blank("2026-11-23", EventKind::FUNNEL[kind])
            });
        }
        DaySummary::of(table.day, table.rows())
    }

    /// The figures of a source: views, registrations and visitors.
    type SourceFigures = (String, u64, u64, VisitorSet);

    /// All figures: counts, visitors and links of the total, and those of each source.
    fn figures(parts: &SourceAggregates) -> (Vec<(u64, VisitorSet)>, Links, Vec<SourceFigures>) {
        let total = &parts.total;
        let kinds =
            EventKind::FUNNEL.map(|kind| (total.count(kind), total.visitor_set(kind).clone()));
        let sources = parts.by_source.iter().map(|(source, counts)| {
            let visitors = counts.visitors.clone();
            (
                source.to_string(),
                counts.views,
                counts.registrations,
                visitors,
            )
        });
        (kinds.to_vec(), total.links().clone(), sources.collect())
    }

    fn day(visitors: &[i64]) -> DaySummary {
        let row = RollupRow {
            count: visitors.len() as u64,
            visitors: visitors.to_vec(),
            ..RollupRow::blank("2026-11-23", EventKind::View)
        };
        let mut table = DayTable::new(row.day);
        table.push(row);
        DaySummary::of(table.day, table.rows())
    }

    fn views(parts: &SourceAggregates) -> (u64, u64) {
        let total = &parts.total;
        (
            total.count(EventKind::View),
            total.visitors(EventKind::View),
        )
    }

    proptest! {
        #[test]
        fn a_change_of_any_part_gives_what_adding_up_all_gives(
            changes in prop::collection::vec((0..3_usize, any::<bool>(), facts()), 1..12)
        ) {
            let mut days: Vec<DaySummary> = Vec::new();
            let mut all_facts: Vec<Vec<TestFact>> = Vec::new();
            let mut cache = MergeCache::default();
            for (at, is_rebuilt, facts) in changes {
                if at < days.len() {
                    // Mostly a day gains facts; a rebuild may also remove some.
                    if is_rebuilt {
                        all_facts[at].clear();
                    }
                    all_facts[at].extend(facts);
                    days[at] = day_of_facts(&all_facts[at]);
                } else {
                    days.push(day_of_facts(&facts));
                    all_facts.push(facts);
                }
                let parts: Vec<_> = days.iter().map(|day| (day.id, &day.aggregates)).collect();
                let all_parts: Vec<_> = days.iter().map(|day| &day.aggregates).collect();
                let (all, next) = cache.merge(&parts, &EventKind::FUNNEL);
                let expected = SourceAggregates::merge(&all_parts, &EventKind::FUNNEL);
                prop_assert_eq!(figures(&all), figures(&expected));
                cache = next;
            }
        }
    }

    #[test]
    fn the_rest_is_kept_while_the_same_part_changes() {
        let (first, second) = (day(&[1]), day(&[1, 2]));
        let parts = |last: &DaySummary| {
            let (_, cache) = MergeCache::default().merge(
                &[(first.id, &first.aggregates), (last.id, &last.aggregates)],
                &EventKind::FUNNEL,
            );
            cache
        };
        let cache = parts(&second);
        let third = day(&[3]);
        let changed = [(first.id, &first.aggregates), (third.id, &third.aggregates)];
        let (all, next) = cache.merge(&changed, &EventKind::FUNNEL);
        assert_eq!(views(&all), (2, 2));
        assert!(Arc::ptr_eq(&cache.rest, &next.rest));
    }
}
