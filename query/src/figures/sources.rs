//! Figures by traffic source.

use std::cmp::Reverse;

use super::{Kind, Row, tally::tally_by};

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

/// Every source that brought anything, most views first.
pub(super) fn by_source(rows: &[&Row]) -> Vec<SourceFigures> {
    let tallies = tally_by(rows.iter().copied(), |row| row.source.as_str());
    let mut sources: Vec<_> = tallies
        .into_iter()
        .map(|(source, tally)| SourceFigures {
            source: source.to_owned(),
            views: tally.count(Kind::View),
            unique_views: tally.visitors(Kind::View),
            registrations: tally.count(Kind::Completed),
            check_ins: tally.count(Kind::CheckIn),
        })
        .filter(|source| source.views + source.registrations + source.check_ins > 0)
        .collect();
    // Stable: sources that are equal stay in the order of their names.
    sources.sort_by_key(|source| Reverse((source.views, source.registrations, source.check_ins)));
    sources
}
