//! The limit on scans of raw facts: reading all facts of a large event takes seconds.

use super::day_table::RowRef;

/// Conditions for metrics that need a scan of raw facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ScanPolicy {
    /// Scans up to [`Self::AUTO_SCAN_LIMIT`] facts.
    #[default]
    Auto,
    /// Scans any number of facts.
    Always,
    /// Scans nothing.
    Never,
}

impl ScanPolicy {
    /// The largest scan by default, in facts: it takes some tens of milliseconds.
    pub const AUTO_SCAN_LIMIT: u64 = 20_000;

    /// Returns whether the facts behind these rows may be scanned.
    pub fn allows<'a>(self, rows: impl IntoIterator<Item = RowRef<'a>>) -> bool {
        match self {
            Self::Auto => {
                let counts = rows.into_iter().map(RowRef::count);
                counts.sum::<u64>() <= Self::AUTO_SCAN_LIMIT
            }
            Self::Always => true,
            Self::Never => false,
        }
    }
}
