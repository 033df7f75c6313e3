//! Counts of each traffic source: less than an [`Aggregate`](super::Aggregate), because an event may have
//! hundreds of thousands of sources.

use std::sync::Arc;

use analytics_shared::visitor_set::VisitorSet;

use super::changed_part::ChangedPart;
use crate::analytics::model::{EventKind, RowRef, SharedText};

/// Counts and distinct visitors of one traffic source.
#[derive(Clone, Debug, Default)]
pub struct SourceCounts {
    pub views: u64,
    pub registrations: u64,
    pub check_ins: u64,
    /// Distinct visitors of the views.
    pub visitors: VisitorSet,
}

/// The traffic sources of some facts with their counts, ordered by name. Cloning is cheap.
#[derive(Clone, Debug, Default)]
pub struct SourceTable(Arc<Vec<(SharedText, SourceCounts)>>);

impl SourceTable {
    /// The memory of a source beside its name and its visitors, in bytes.
    pub(super) const ENTRY_BYTES: usize = size_of::<(SharedText, SourceCounts)>();

    pub(super) fn of(rows: &[RowRef<'_>]) -> Self {
        let mut rows = rows.to_vec();
        rows.sort_unstable_by(|a, b| a.source().cmp(b.source()));
        let sources = rows.chunk_by(|a, b| a.source() == b.source());
        Self::collect(sources.map(|rows| (rows[0].shared_source(), SourceCounts::of(rows))))
    }

    /// Merges tables; the counts of a source that several have are added up.
    pub(super) fn merge<'a>(tables: impl Iterator<Item = &'a Self>) -> Self {
        let tables: Vec<&Self> = tables.filter(|table| !table.0.is_empty()).collect();
        if let [only] = tables[..] {
            return only.clone();
        }
        Self::merge_by(&tables, |_, counts| {
            SourceCounts::sum(counts.iter().copied())
        })
    }

    /// Merges the rest and a part that has changed.
    pub(super) fn merge_changed(part: &ChangedPart<'_, Self>) -> Self {
        let none = SourceCounts::default();
        Self::merge_by(&[part.rest, part.new], |source, counts| match *counts {
            [rest, new] => SourceCounts::sum_changed(&ChangedPart {
                rest,
                new,
                old: part.old.counts_of(source).unwrap_or(&none),
                whole: part.whole.counts_of(source).unwrap_or(rest),
            }),
            _ => SourceCounts::sum(counts.iter().copied()),
        })
    }

    /// Merges tables by a function of a source and its counts, in the order of the tables that have it.
    fn merge_by(
        tables: &[&Self],
        sum: impl Fn(&SharedText, &[&SourceCounts]) -> SourceCounts,
    ) -> Self {
        let mut entries: Vec<_> = tables.iter().flat_map(|table| table.0.iter()).collect();
        // A stable sort merges sorted runs, and each table is one.
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let sources = entries.chunk_by(|(a, _), (b, _)| a == b);
        Self::collect(sources.map(|entries| {
            let source = &entries[0].0;
            let counts: Vec<_> = entries.iter().map(|(_, counts)| counts).collect();
            (source.clone(), sum(source, &counts))
        }))
    }

    fn counts_of(&self, source: &SharedText) -> Option<&SourceCounts> {
        let at = self.0.binary_search_by(|(name, _)| name.cmp(source)).ok()?;
        Some(&self.0[at].1)
    }

    fn collect(sources: impl Iterator<Item = (SharedText, SourceCounts)>) -> Self {
        let mut sources: Vec<_> = sources.collect();
        sources.shrink_to_fit();
        Self(sources.into())
    }

    /// Returns the sources in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&SharedText, &SourceCounts)> {
        self.0.iter().map(|(source, counts)| (source, counts))
    }

    /// Returns the approximate memory in bytes, without the names, which the rows of the days have.
    pub(super) fn bytes(&self) -> usize {
        let visitors = self
            .0
            .iter()
            .map(|(_, counts)| counts.visitors.heap_bytes());
        size_of_val(&self.0[..]) + visitors.sum::<usize>()
    }
}

impl SourceCounts {
    fn of(rows: &[RowRef<'_>]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            match row.kind() {
                EventKind::View => counts.views += row.count(),
                EventKind::Completed => counts.registrations += row.count(),
                EventKind::CheckIn => counts.check_ins += row.count(),
                _ => {}
            }
        }
        let views = rows.iter().filter(|row| row.kind() == EventKind::View);
        counts.visitors = VisitorSet::union_of_sorted(views.map(|row| row.visitors()));
        counts
    }

    /// Adds up counts; a visitor of several sources counts once.
    pub fn sum<'a>(parts: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let visitors = VisitorSet::union(parts.clone().map(|part| &part.visitors));
        Self::with_visitors(visitors, parts)
    }

    /// Adds up the counts of the rest and a part that has changed.
    fn sum_changed(part: &ChangedPart<'_, Self>) -> Self {
        let visitors = part.field(|counts| &counts.visitors).union();
        Self::with_visitors(visitors, [part.rest, part.new].into_iter())
    }

    /// Adds up counts beside these distinct visitors of them.
    fn with_visitors<'a>(visitors: VisitorSet, parts: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self {
            visitors,
            ..Self::default()
        };
        for part in parts {
            sum.views += part.views;
            sum.registrations += part.registrations;
            sum.check_ins += part.check_ins;
        }
        sum
    }

    /// Returns whether the source has any of the counted facts.
    pub fn is_active(&self) -> bool {
        self.views + self.registrations + self.check_ins > 0
    }
}
