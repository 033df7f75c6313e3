//! The differences between the properties that are sent and those that are stored.

use crate::metrics;

/// The names of properties that are not stored as they are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyChanges {
    /// Names of properties that are not stored.
    pub dropped: Vec<String>,
    /// Names of texts that are cut to the maximum length.
    pub cut: Vec<String>,
}

impl PropertyChanges {
    /// Returns whether all properties are stored as they are sent.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Counts the changes.
    pub fn count(&self) {
        metrics::properties_dropped(self.dropped.len());
        metrics::properties_cut(self.cut.len());
    }
}
