//! What became of the rows, and how that is told at the end.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
    time::Duration,
};

use super::rejected::Rejection;

/// Kinds of rejection that are told apart; a file of another kind altogether has many.
const KINDS: usize = 20;

/// What became of the rows.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Rows that were taken up.
    pub read: u64,
    /// Facts that were stored by this import, those that are left out of figures not among them.
    pub stored: u64,
    /// Facts that were stored before.
    pub duplicate: u64,
    /// Facts that were stored by this import and are left out of all figures.
    pub flagged: u64,
    /// Rows that are in the file of rejected rows.
    pub rejected: u64,
    /// The same by code and field.
    kinds: BTreeMap<(String, Option<String>), u64>,
    /// Rows that nothing is known of, because we were stopped.
    pub left: u64,
}

impl Tally {
    /// A row was rejected.
    pub fn reject(&mut self, why: &Rejection) {
        self.rejected += 1;
        let kind = (why.code.clone(), why.field.clone());
        if self.kinds.len() < KINDS || self.kinds.contains_key(&kind) {
            *self.kinds.entry(kind).or_default() += 1;
        }
    }

    /// Rows whose end is known.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.stored + self.duplicate + self.flagged + self.rejected
    }

    /// Prints the summary.
    ///
    /// # Errors
    /// When nobody reads it.
    pub fn print(&self, took: Duration, rejected_rows: Option<&Path>) -> io::Result<()> {
        let mut to = io::stdout().lock();
        for (what, rows) in [
            ("read", self.read),
            ("stored", self.stored),
            ("duplicate", self.duplicate),
            ("flagged", self.flagged),
            ("rejected", self.rejected),
        ] {
            writeln!(to, "{what:10} {rows:>12}")?;
        }
        for ((code, field), rows) in &self.kinds {
            let field = field.as_deref().unwrap_or_default();
            writeln!(to, "  {rows:>21}  {code} {field}")?;
        }
        let others = self.rejected - self.kinds.values().sum::<u64>();
        if others > 0 {
            writeln!(to, "  {others:>21}  of other kinds")?;
        }
        if self.left > 0 {
            writeln!(to, "{:10} {:>12}", "left", self.left)?;
        }
        let seconds = took.as_secs_f64();
        writeln!(to, "{:10} {seconds:>12.1}", "seconds")?;
        let per_second = rate(self.settled(), took);
        writeln!(to, "{:10} {per_second:>12.0}", "per second")?;
        if let Some(path) = rejected_rows {
            writeln!(to, "rejected rows are in {}", path.display())?;
        }
        Ok(())
    }
}

/// Rows per second.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
pub fn rate(rows: u64, took: Duration) -> f64 {
    rows as f64 / took.as_secs_f64().max(0.001)
}
