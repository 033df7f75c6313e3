//! The measurements of one database.

use std::fmt;

use super::{figure::Figure, files::File, latency::Latency, plain::Plain, zone_change::ZoneChange};
use crate::bench::watch::Lap;

/// The situation in which a figure is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// By the first request to a process.
    First,
    /// By this number of clients, while facts arrive.
    Arriving(usize),
    /// By the first request after a fact was acknowledged.
    Recomputed,
    /// The same, while the process exports the large event.
    RecomputedDuringExport,
}

/// A figure in a situation.
pub struct Measurement {
    /// The figure.
    pub figure: Figure,
    /// The situation.
    pub situation: Situation,
    /// The latency of its responses.
    pub latency: Latency,
    /// CPU; `None` for a measurement that is too short.
    pub lap: Option<Lap>,
    /// The number of responses that were not cached.
    pub computed: Option<usize>,
    /// The peak memory of the query process, in KiB.
    pub peak_kib: u64,
}

/// All measurements of one database.
pub struct Measured {
    /// Its number of facts.
    pub facts: usize,
    /// Whether the binaries are a baseline.
    pub is_baseline: bool,
    /// Figures by plain SQL.
    pub plain: Vec<(Figure, Plain)>,
    /// Figures by the service.
    pub figures: Vec<Measurement>,
    /// Exports.
    pub files: Vec<File>,
    /// The time zone change of the large event, if it was measured.
    pub zone_change: Option<ZoneChange>,
}

impl Measured {
    /// A figure in a situation.
    #[must_use]
    pub fn find(&self, figure: Figure, situation: Situation) -> Option<&Measurement> {
        let mut figures = self.figures.iter();
        figures.find(|one| one.figure == figure && one.situation == situation)
    }

    /// A figure by plain SQL.
    #[must_use]
    pub fn plain(&self, figure: Figure) -> Option<&Plain> {
        let mut plain = self.plain.iter();
        plain
            .find(|(one, _)| *one == figure)
            .map(|(_, plain)| plain)
    }
}

impl fmt::Display for Situation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => formatter.write_str("first time"),
            Self::Arriving(1) => formatter.write_str("1 client"),
            Self::Arriving(clients) => write!(formatter, "{clients} clients"),
            Self::Recomputed => formatter.write_str("recomputed"),
            Self::RecomputedDuringExport => formatter.write_str("recomputed, during an export"),
        }
    }
}
