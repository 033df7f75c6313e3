//! The facts of a run: an exact number, or as many as are sent within a duration. They are generated while they
//! are sent, in constant memory.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::bench::{
    mix::{Fact, Mix, Stream, Timeline},
    progress,
};

/// The limit of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// This number of facts, with times spread over the last days.
    Facts(usize),
    /// Facts with their real times, until the time is over.
    Duration(Duration),
}

/// The facts of a run. Its duration starts with the first of them.
pub struct Facts<I> {
    source: I,
    limit: Option<Duration>,
    began: Option<Instant>,
}

impl Workload {
    /// Facts of all kinds.
    #[must_use]
    pub fn all_kinds(self, mix: &Mix) -> Facts<Stream<'_>> {
        self.limited(mix.all_kinds(self.timeline()))
    }

    /// Facts that the platform publishes as messages; their number is not limited by time.
    #[must_use]
    pub fn platform_kinds(self, mix: &Mix) -> Stream<'_> {
        mix.platform_kinds(self.timeline())
    }

    /// The workload of a floor, which needs no more time than this.
    #[must_use]
    pub fn at_most(self, limit: Duration) -> Self {
        match self {
            Self::Facts(_) => self,
            Self::Duration(duration) => Self::Duration(duration.min(limit)),
        }
    }

    /// A progress bar over the facts; a spinner if their number is not known.
    #[must_use]
    pub fn bar(self, what: String) -> ProgressBar {
        match self {
            Self::Facts(facts) => progress::bar(what, facts),
            Self::Duration(_) => progress::counter(what),
        }
    }

    fn timeline(self) -> Timeline {
        match self {
            Self::Facts(facts) => Timeline::Spread(facts),
            Self::Duration(_) => Timeline::Live,
        }
    }

    fn limited<I: Iterator<Item = Fact>>(self, facts: I) -> Facts<I> {
        let limit = match self {
            Self::Facts(_) => None,
            Self::Duration(duration) => Some(duration),
        };
        Facts {
            source: facts,
            limit,
            began: None,
        }
    }
}

impl<I: Iterator<Item = Fact>> Iterator for Facts<I> {
    type Item = Fact;

    fn next(&mut self) -> Option<Fact> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let is_over = self.limit.is_some_and(|limit| began.elapsed() >= limit);
        if is_over { None } else { self.source.next() }
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::clock;

    use super::*;
    use crate::bench::ingest::SHAPE;

    #[test]
    fn a_number_of_facts_is_exact() {
        let mix = Mix::of(1, &SHAPE, clock::now());
        assert_eq!(Workload::Facts(1_234).all_kinds(&mix).count(), 1_234);
        assert_eq!(Workload::Facts(1_234).platform_kinds(&mix).count(), 1_234);
    }

    #[test]
    fn a_duration_begins_with_the_first_fact() {
        let mix = Mix::of(1, &SHAPE, clock::now());
        let duration = Duration::from_millis(30);
        let mut facts = Workload::Duration(duration).all_kinds(&mix);
        std::thread::sleep(duration);
        assert!(facts.next().is_some());
        std::thread::sleep(duration);
        assert!(facts.next().is_none());
    }

    #[test]
    fn a_floor_is_shorter_than_a_long_run_and_has_as_many_facts_as_an_exact_one() {
        let limit = Duration::from_secs(10);
        let long = Workload::Duration(Duration::from_mins(1));
        assert_eq!(long.at_most(limit), Workload::Duration(limit));
        assert_eq!(Workload::Facts(5).at_most(limit), Workload::Facts(5));
    }
}
