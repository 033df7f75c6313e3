//! The summary that an import prints at its end.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::Path,
    time::Duration,
};

use super::input::rejection::Rejection;

/// The maximum number of kinds of rejections that are listed: a file of an unrelated format has many.
const MAX_KINDS: usize = 20;

/// The numbers of rows by result.
#[derive(Clone, Debug, Default)]
pub struct ImportSummary {
    /// Rows that were processed.
    pub read: u64,
    /// Facts that were stored by this import, without flagged ones.
    pub stored: u64,
    /// Facts that were stored before.
    pub duplicate: u64,
    /// Facts that were stored by this import and are excluded from all figures.
    pub flagged: u64,
    /// Rows in the file of rejected rows.
    pub rejected: u64,
    /// Rejected rows by code and field.
    kinds: BTreeMap<(String, Option<String>), u64>,
    /// Rows without a result because of the shutdown.
    pub unsettled: u64,
}

impl ImportSummary {
    /// Counts a rejected row.
    pub fn reject(&mut self, rejection: &Rejection) {
        self.rejected += 1;
        let kind = (rejection.code.clone(), rejection.field.clone());
        if self.kinds.len() < MAX_KINDS || self.kinds.contains_key(&kind) {
            *self.kinds.entry(kind).or_default() += 1;
        }
    }

    /// The number of rows with a result.
    pub fn settled(&self) -> u64 {
        self.stored + self.duplicate + self.flagged + self.rejected
    }

    /// Prints the summary to standard output.
    pub fn print(&self, elapsed: Duration, rejected_file: Option<&Path>) -> io::Result<()> {
        let mut to = io::stdout().lock();
        for (result, rows) in [
            ("read", self.read),
            ("stored", self.stored),
            ("duplicate", self.duplicate),
            ("flagged", self.flagged),
            ("rejected", self.rejected),
        ] {
            writeln!(to, "{result:10} {rows:>12}")?;
        }
        for ((code, field), rows) in &self.kinds {
            let field = field.as_deref().unwrap_or_default();
            writeln!(to, "  {rows:>21}  {code} {field}")?;
        }
        let others = self.rejected - self.kinds.values().sum::<u64>();
        if others > 0 {
            writeln!(to, "  {others:>21}  of other kinds")?;
        }
        if self.unsettled > 0 {
            writeln!(to, "{:10} {:>12}", "unsettled", self.unsettled)?;
        }
        let (seconds, per_second) = (elapsed.as_secs_f64(), rate(self.settled(), elapsed));
        writeln!(to, "{:10} {seconds:>12.1}", "seconds")?;
        writeln!(to, "{:10} {per_second:>12.0}", "per second")?;
        if let Some(path) = rejected_file {
            writeln!(to, "rejected rows are in {}", path.display())?;
        }
        Ok(())
    }
}

/// The number of rows per second.
#[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
pub fn rate(rows: u64, elapsed: Duration) -> f64 {
    rows as f64 / elapsed.as_secs_f64().max(0.001)
}
