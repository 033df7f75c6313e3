//! The floors of the transports: the minimal cost of the same facts on the same machine.
//!
//! Single facts are compared with a route that stores nothing; the other transports with writing the same rows
//! directly to the table of facts of an empty database: by `COPY`, the fastest method, and by
//! `INSERT … ON CONFLICT DO NOTHING`, which also skips existing rows.

mod copy;
pub mod empty_route;
mod insert;
mod stored_rows;

use super::{Bench, stage};
use crate::{bench::watch::Lap, database::TestDatabase};

/// A floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloorKind {
    /// The same requests to a route that stores nothing.
    EmptyRoute,
    /// `COPY` of the same rows.
    Copy,
    /// `INSERT … ON CONFLICT DO NOTHING` of the same rows.
    Insert,
}

/// A measured floor.
pub struct Floor {
    /// Its kind.
    pub kind: FloorKind,
    /// Its measurement.
    pub lap: Lap,
}

impl FloorKind {
    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EmptyRoute => "floor: empty route",
            Self::Copy => "floor: COPY of the same rows",
            Self::Insert => "floor: INSERT ON CONFLICT",
        }
    }
}

/// Measures both floors with the rows that a transport has stored.
///
/// # Errors
/// When a row is not stored.
pub async fn of_rows(bench: &Bench, stored: &TestDatabase) -> anyhow::Result<Vec<Floor>> {
    let rows = stored_rows::spool(stored).await?;
    let mut floors = Vec::new();
    for kind in [FloorKind::Copy, FloorKind::Insert] {
        let fresh = stage::database(bench, bench.current()).await?;
        let lap = match kind {
            FloorKind::Insert => insert::measure(&rows, &fresh).await?,
            _ => copy::measure(&rows, &fresh).await?,
        };
        stage::ensure_stored(&fresh, rows.number).await?;
        floors.push(Floor { kind, lap });
    }
    Ok(floors)
}
