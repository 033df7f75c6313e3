//! Which figures are told that need each fact by itself: reading all facts of a large event takes seconds.

use super::Row;

/// Whether details are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Details {
    /// Where few facts have to be looked at.
    #[default]
    WhereFew,
    /// However long it takes.
    Always,
    /// Not at all.
    Never,
}

impl Details {
    /// As many facts are looked at within some tens of milliseconds.
    pub const FEW: u64 = 20_000;

    /// Whether details are told for which the facts of these rows have to be looked at.
    #[must_use]
    pub fn include<'a>(self, rows: impl IntoIterator<Item = &'a Row>) -> bool {
        match self {
            Self::WhereFew => {
                let counts = rows.into_iter().map(|row| row.count);
                counts.sum::<u64>() <= Self::FEW
            }
            Self::Always => true,
            Self::Never => false,
        }
    }
}
