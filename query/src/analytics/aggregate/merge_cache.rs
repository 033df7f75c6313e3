//! Incremental merging of many parts, of which mostly one changes: the aggregate of all other parts
//! is kept, so that a change costs one merge of two.

use std::sync::Arc;

use super::source_aggregates::SourceAggregates;
use crate::analytics::model::EventKind;

/// The aggregate of all parts but one.
#[derive(Clone, Debug, Default)]
pub struct MergeCache {
    /// Ids of all parts, in order.
    parts: Vec<u64>,
    /// Index of the part that `rest` lacks.
    excluded: usize,
    rest: Arc<SourceAggregates>,
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
        let rest = if self.has_rest_of(&ids, excluded) {
            Arc::clone(&self.rest)
        } else {
            let (before, after) = (&parts[..excluded], &parts[excluded + 1..]);
            let others: Vec<_> = before.iter().chain(after).map(|(_, part)| *part).collect();
            Arc::new(SourceAggregates::merge(&others, kinds))
        };
        let all = SourceAggregates::merge(&[&rest, parts[excluded].1], kinds);
        let cache = Self {
            parts: ids,
            excluded,
            rest,
        };
        (all, cache)
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
    use proptest::prelude::*;

    use super::*;
    use crate::analytics::{
        aggregate::day_rows::DaySummary,
        model::{DayTable, RollupRow},
    };

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
            changes in prop::collection::vec((0..4_usize, prop::collection::vec(0..9_i64, 0..4)), 1..12)
        ) {
            let mut days: Vec<DaySummary> = Vec::new();
            let mut cache = MergeCache::default();
            for (at, visitors) in changes {
                if at < days.len() {
                    days[at] = day(&visitors);
                } else {
                    days.push(day(&visitors));
                }
                let parts: Vec<_> = days.iter().map(|day| (day.id, &day.aggregates)).collect();
                let all_parts: Vec<_> = days.iter().map(|day| &day.aggregates).collect();
                let (all, next) = cache.merge(&parts, &EventKind::FUNNEL);
                prop_assert_eq!(views(&all), views(&SourceAggregates::merge(&all_parts, &EventKind::FUNNEL)));
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
