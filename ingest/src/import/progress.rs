//! How far the import is: a bar on a terminal, a line in the log now and then elsewhere.

use std::{
    io::{IsTerminal, Stderr, Write, stderr},
    time::{Duration, Instant},
};

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::outcome::rate;

/// Time between two lines where there is no terminal.
pub const RHYTHM: Duration = Duration::from_secs(10);
/// Time between two looks of the bar.
const TICK: Duration = Duration::from_millis(200);
const TEMPLATE: &str = "{wide_bar} {percent}% · {msg} · {eta} left";
/// Without an end in sight, a pipe for instance.
const ENDLESS: &str = "{spinner} {bytes} · {msg}";

/// Counts the bytes of files whose rows are settled.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
    is_plain: bool,
    began: Instant,
}

/// Writes log lines above the bar.
pub struct AboveBar(ProgressBar);

impl Progress {
    /// Begins with nothing done of so many bytes, if that is known.
    #[must_use]
    pub fn of(bytes: Option<u64>) -> Self {
        let is_plain = !stderr().is_terminal();
        let (bar, template) = match bytes {
            Some(bytes) => (ProgressBar::new(bytes), TEMPLATE),
            None => (ProgressBar::no_length(), ENDLESS),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if !is_plain {
            bar.enable_steady_tick(TICK);
        }
        Self {
            bar,
            is_plain,
            began: Instant::now(),
        }
    }

    /// Where log lines go, so that they and the bar do not run into one another.
    #[must_use]
    pub fn above(&self) -> AboveBar {
        AboveBar(self.bar.clone())
    }

    /// Since it began.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// So many rows are settled, and all that was read before that byte.
    pub fn settled(&self, rows: u64, position: u64) {
        self.bar.set_position(position.max(self.bar.position()));
        let per_second = rate(rows, self.took());
        let (rows, speed) = (HumanCount(rows), HumanCount(whole(per_second)));
        self.bar
            .set_message(format!("{rows} rows · {speed} per second"));
    }

    /// The database is away.
    pub fn holding(&self) {
        self.bar
            .set_message("the database does not answer: holding on");
    }

    /// Tells how far it is where there is no terminal.
    pub fn tell(&self, rows: u64) {
        if !self.is_plain {
            return;
        }
        let per_second = whole(rate(rows, self.took()));
        let (done, all) = (self.bar.position(), self.bar.length());
        if let Some(all) = all.filter(|all| *all > 0 && done > 0) {
            let percent = done * 100 / all;
            let left = self.bar.eta().as_secs();
            tracing::info!(rows, per_second, percent, seconds_left = left, "importing");
        } else {
            tracing::info!(rows, per_second, "importing");
        }
    }

    /// The bar goes.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Write for AboveBar {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let to: Stderr = stderr();
        self.0.suspend(|| to.lock().write(line))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        stderr().flush()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate need not be exact"
)]
fn whole(rate: f64) -> u64 {
    rate as u64
}
