//! How far a command is: a bar on a terminal, a line now and then elsewhere.

use std::{
    fmt::Write as _,
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// Time between two lines where there is no terminal.
const RHYTHM: Duration = Duration::from_secs(10);
const TEMPLATE: &str =
    "{what} {wide_bar} {human_pos} of {human_len} · {speed} per second · {eta} left";

/// Counts what is done of all.
pub struct Progress {
    what: &'static str,
    bar: ProgressBar,
    is_plain: bool,
    began: Instant,
    told: Instant,
}

impl Progress {
    /// Begins with nothing done of `all`; `what` names the things.
    pub fn of(what: &'static str, all: usize) -> Self {
        let is_plain = !std::io::stderr().is_terminal();
        let bar = ProgressBar::new(all as u64);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            let named = move |_: &ProgressState, to: &mut dyn std::fmt::Write| {
                let _ = to.write_str(what);
            };
            let speed = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
                let _ = write!(to, "{:.1}", state.per_sec());
            };
            bar.set_style(style.with_key("what", named).with_key("speed", speed));
        }
        let now = Instant::now();
        Self {
            what,
            bar,
            is_plain,
            began: now,
            told: now,
        }
    }

    /// So many more are done.
    pub fn add(&mut self, done: u64) {
        self.bar.inc(done);
        if self.is_plain && self.told.elapsed() >= RHYTHM {
            self.told = Instant::now();
            self.tell();
        }
    }

    /// All is done.
    pub fn finish(self) {
        self.bar.finish_and_clear();
        if self.is_plain {
            self.tell();
        }
    }

    #[expect(clippy::print_stderr, reason = "progress belongs beside the result")]
    #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
    fn tell(&self) {
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or_default());
        let rate = done as f64 / self.began.elapsed().as_secs_f64().max(0.001);
        let mut line = format!("{}: {done} of {all} · {rate:.1} per second", self.what);
        if let (true, true) = (done < all, rate > 0.0) {
            let left = Duration::from_secs_f64((all - done) as f64 / rate);
            let _ = write!(line, " · {} s left", left.as_secs());
        }
        eprintln!("{line}");
    }
}
