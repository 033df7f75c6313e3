//! Aggregates of all facts and counts of each traffic source.

use super::{changed_part::ChangedPart, row_aggregate::Aggregate, source_counts::SourceTable};
use crate::analytics::model::{EventKind, RowRef};

/// The aggregate of some facts, and their counts by traffic source.
#[derive(Clone, Debug, Default)]
pub struct SourceAggregates {
    /// All facts, with the visitors of the kinds in [`EventKind::FUNNEL`].
    pub total: Aggregate,
    pub by_source: SourceTable,
}

impl SourceAggregates {
    pub(super) fn of(rows: &[RowRef<'_>]) -> Self {
        Self {
            total: Aggregate::of(rows.iter().copied(), &EventKind::FUNNEL),
            by_source: SourceTable::of(rows),
        }
    }

    /// Merges `parts` on two cores, with the visitors of `kinds` in the total.
    pub(super) fn merge(parts: &[&Self], kinds: &[EventKind]) -> Self {
        let totals: Vec<&Aggregate> = parts.iter().map(|part| &part.total).collect();
        let (total, by_source) = rayon::join(
            || Aggregate::merge(&totals, kinds),
            || SourceTable::merge(parts.iter().map(|part| &part.by_source)),
        );
        Self { total, by_source }
    }

    /// Merges the rest and a part that has changed, as [`Self::merge`].
    pub(super) fn merge_changed(part: &ChangedPart<'_, Self>, kinds: &[EventKind]) -> Self {
        let (total, by_source) = rayon::join(
            || Aggregate::merge_changed(&part.field(|one| &one.total), kinds),
            || SourceTable::merge_changed(&part.field(|one| &one.by_source)),
        );
        Self { total, by_source }
    }

    /// Returns the approximate memory in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.total.bytes() + self.by_source.bytes()
    }
}
