//! Counts of each traffic source: less than an [`Aggregate`](super::Aggregate), because an event may have
//! hundreds of thousands of sources.

use std::sync::Arc;

use analytics_shared::visitor_set::VisitorSet;

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
        let mut entries: Vec<_> = tables.iter().flat_map(|table| table.0.iter()).collect();
        // A stable sort merges sorted runs, and each table is one.
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let sources = entries.chunk_by(|(a, _), (b, _)| a == b);
        Self::collect(sources.map(|entries| {
            let counts = entries.iter().map(|(_, counts)| counts);
            (entries[0].0.clone(), SourceCounts::sum(counts))
        }))
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
        let mut sum = Self {
            visitors: VisitorSet::union(parts.clone().map(|part| &part.visitors)),
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
