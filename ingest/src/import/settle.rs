//! From facts that were handed to the writers to what became of them.

use std::sync::Arc;

use anyhow::bail;
use tokio::sync::oneshot;

use super::{chunk::Origin, progress::Progress};
use crate::{batch::Outcome, hold::Hold, row::Row, writer::Writers};

/// A fact that was handed to a writer, with the row that told it.
pub struct Pending {
    /// Where it was read.
    pub origin: Origin,
    /// Whether it is left out of all figures.
    pub is_flagged: bool,
    /// The fact, kept in case it has to be handed over again.
    pub row: Arc<Row>,
    /// What the writer will say.
    pub outcome: oneshot::Receiver<Outcome>,
}

/// What became of facts that were handed over together.
#[derive(Debug, Default)]
pub struct Settled {
    /// Which ones they were.
    pub number: u64,
    /// Bytes of all files that were read when they were.
    pub position: u64,
    /// Stored, and counted.
    pub stored: u64,
    /// Stored before.
    pub duplicate: u64,
    /// Stored, and left out of all figures.
    pub flagged: u64,
    /// Refused by the database.
    pub refused: Vec<Origin>,
    /// Given up because we were asked to stop.
    pub left: u64,
}

/// Settles facts, and holds them while the database is away.
#[derive(Clone)]
pub struct Settler {
    /// The way to the writers.
    pub writers: Writers,
    /// Waits while the database is away.
    pub hold: Hold,
    /// Says so.
    pub progress: Progress,
}

impl Settler {
    /// Waits for the outcomes; what is not stored for now is handed over again.
    ///
    /// # Errors
    /// When there is a defect, in the schema for instance: trying again would be no use.
    pub async fn settle(
        self,
        mut facts: Vec<Pending>,
        mut settled: Settled,
    ) -> anyhow::Result<Settled> {
        loop {
            let mut held = Vec::new();
            for mut pending in facts {
                let outcome = (&mut pending.outcome).await;
                match outcome.unwrap_or(Outcome::Unavailable) {
                    Outcome::Stored if pending.is_flagged => settled.flagged += 1,
                    Outcome::Stored => settled.stored += 1,
                    Outcome::Duplicate => settled.duplicate += 1,
                    Outcome::Refused => settled.refused.push(pending.origin),
                    Outcome::Unavailable => held.push(pending),
                    Outcome::Broken => bail!("facts cannot be stored; the log says why"),
                }
            }
            if held.is_empty() {
                return Ok(settled);
            }
            self.progress.holding();
            if !self.hold.moment().await {
                settled.left += held.len() as u64;
                return Ok(settled);
            }
            for pending in &mut held {
                pending.outcome = self.writers.submit(Arc::clone(&pending.row)).await;
            }
            facts = held;
        }
    }
}
