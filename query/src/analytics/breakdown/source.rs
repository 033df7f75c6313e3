//! Figures by traffic source.

use std::cmp::Reverse;

use super::{Kind, Tally};

/// One traffic source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFigures {
    /// Its name.
    pub source: String,
    /// Page views.
    pub views: u64,
    /// Distinct visitors of them; somebody who came from two sources counts for both.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

impl SourceFigures {
    /// The figures of what came from `source`.
    pub(super) fn of(source: &str, tally: &Tally) -> Self {
        Self {
            source: source.to_owned(),
            views: tally.count(Kind::View),
            unique_views: tally.visitors(Kind::View),
            registrations: tally.count(Kind::Completed),
            check_ins: tally.count(Kind::CheckIn),
        }
    }
}

/// Those that brought anything, most views first. `sources` are in the order of their names.
pub(super) fn in_order(sources: impl Iterator<Item = SourceFigures>) -> Vec<SourceFigures> {
    let brought = |one: &SourceFigures| one.views + one.registrations + one.check_ins > 0;
    let mut sources: Vec<_> = sources.filter(brought).collect();
    // Stable: sources that are equal stay in the order of their names.
    sources.sort_by_key(|source| Reverse((source.views, source.registrations, source.check_ins)));
    sources
}
