//! Aggregates of all facts and of each traffic source.

use std::{collections::BTreeMap, sync::Arc};

use super::row_aggregate::{Aggregate, aggregate_by};
use crate::analytics::model::{EventKind, RollupRow};

/// The aggregate of some facts, in total and by traffic source.
#[derive(Clone, Debug, Default)]
pub struct SourceAggregates {
    /// All facts, with the visitors of the kinds in [`EventKind::FUNNEL`].
    pub total: Aggregate,
    /// The facts of each source, with the visitors of views.
    pub by_source: BTreeMap<Arc<str>, Aggregate>,
}

impl SourceAggregates {
    pub(super) fn of(rows: &[&RollupRow]) -> Self {
        let rows = || rows.iter().copied();
        let by_source = aggregate_by(rows(), &[EventKind::View], |row| &row.source).into_iter();
        Self {
            by_source: by_source
                .map(|(source, aggregate)| (Arc::clone(source), aggregate))
                .collect(),
            total: Aggregate::of(rows(), &EventKind::FUNNEL),
        }
    }

    /// Merges `parts`, with the visitors of `kinds` in the total.
    pub(super) fn merge(parts: &[&Self], kinds: &[EventKind]) -> Self {
        let totals: Vec<&Aggregate> = parts.iter().map(|part| &part.total).collect();
        let mut sources = BTreeMap::<&Arc<str>, Vec<&Aggregate>>::new();
        for (source, aggregate) in parts.iter().flat_map(|part| &part.by_source) {
            sources.entry(source).or_default().push(aggregate);
        }
        let by_source = sources.into_iter().map(|(source, aggregates)| {
            let merged = Aggregate::merge(&aggregates, &[EventKind::View]);
            (Arc::clone(source), merged)
        });
        Self {
            total: Aggregate::merge(&totals, kinds),
            by_source: by_source.collect(),
        }
    }

    /// Returns the approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        let sources = self.by_source.values().map(Aggregate::bytes);
        self.total.bytes() + sources.sum::<usize>()
    }
}
