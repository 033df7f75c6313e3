//! The progress of an import: a bar on a terminal, else periodic log lines.

use std::{
    io::{IsTerminal, Stderr, Write, stderr},
    time::{Duration, Instant},
};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::summary::rate;

/// The time between two log lines.
pub const LOG_INTERVAL: Duration = Duration::from_secs(10);
/// The time between two updates of the bar.
const TICK: Duration = Duration::from_millis(200);
const TEMPLATE: &str = "{wide_bar} {percent}% · {msg} · {eta} left";
/// For sources of unknown size, such as pipes.
const SPINNER_TEMPLATE: &str = "{spinner} {bytes} · {msg}";

/// The progress in bytes of files whose rows are settled.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    started: Instant,
}

/// Writes log lines above the bar.
pub struct LogWriter(ProgressBar);

impl Progress {
    /// Starts at 0 of `bytes`, if their number is known.
    pub fn new(bytes: Option<u64>) -> Self {
        let is_terminal = stderr().is_terminal();
        let (bar, template) = match bytes {
            Some(bytes) => (ProgressBar::new(bytes), TEMPLATE),
            None => (ProgressBar::no_length(), SPINNER_TEMPLATE),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if is_terminal {
            bar.enable_steady_tick(TICK);
        }
        Self {
            bar,
            is_terminal,
            started: Instant::now(),
        }
    }

    /// The writer for log lines, which do not overwrite the bar.
    pub fn log_writer(&self) -> LogWriter {
        LogWriter(self.bar.clone())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Shows the number of settled rows, and the position up to which all rows are settled, in bytes.
    pub fn update(&self, rows: u64, position: u64) {
        self.bar.set_position(position.max(self.bar.position()));
        let (rows, rate) = (HumanCount(rows), HumanCount(self.rate(rows)));
        self.bar
            .set_message(format!("{rows} rows · {rate} per second"));
    }

    /// Shows that the import waits for the database.
    pub fn database_unavailable(&self) {
        self.bar
            .set_message("the database is unavailable: retrying");
    }

    /// Logs the progress, unless there is a bar.
    pub fn log(&self, rows: u64) {
        if self.is_terminal {
            return;
        }
        let per_second = self.rate(rows);
        let (done, all) = (self.bar.position(), self.bar.length());
        if let Some(all) = all.filter(|all| *all > 0 && done > 0) {
            let percent = done * 100 / all;
            let seconds_left = self.bar.eta().as_secs();
            tracing::info!(rows, per_second, percent, seconds_left, "importing");
        } else {
            tracing::info!(rows, per_second, "importing");
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate need not be exact"
    )]
    fn rate(&self, rows: u64) -> u64 {
        rate(rows, self.elapsed()) as u64
    }
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let to: Stderr = stderr();
        self.0.suspend(|| to.lock().write(line))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        stderr().flush()
    }
}
