//! How long people take from the start of a registration to its completion, and from there to the door.
//!
//! Each registration counts once, by its first fact of each kind. Forms are mostly begun before there is a
//! registration to name: then the latest nameless start of the same visitor counts that is not after the
//! completion.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Kind, Moment};

/// The times between the steps of all registrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// From the start to the completion.
    pub start_to_completion: Durations,
    /// From the completion to the check-in.
    pub completion_to_check_in: Durations,
}

/// Durations of some registrations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many registrations have both ends in the period.
    pub registrations: u64,
    /// Half of them took at most so long; `None` of none.
    pub median: Option<TimeDelta>,
    /// Of ten of them nine took at most so long; `None` of none.
    pub p90: Option<TimeDelta>,
}

/// Facts of registrations, as they are found.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    registrations: HashMap<i64, Registration>,
    nameless_starts: HashMap<i64, Vec<DateTime<Utc>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Registration {
    started: Option<DateTime<Utc>>,
    completed: Option<Completion>,
    checked_in: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
struct Completion {
    at: DateTime<Utc>,
    visitor: Option<i64>,
    counts: bool,
}

impl Journeys {
    /// The kinds of facts that it takes.
    pub const KINDS: [Kind; 3] = [Kind::Started, Kind::Completed, Kind::CheckIn];

    /// Adds a fact of the period; registrations whose completion does not count are left out.
    pub fn add(&mut self, moment: &Moment, counts: bool) {
        let at = moment.at;
        let Some(id) = moment.registration else {
            if let (Kind::Started, Some(visitor)) = (moment.kind, moment.visitor) {
                self.nameless_starts.entry(visitor).or_default().push(at);
            }
            return;
        };
        let registration = self.registrations.entry(id).or_default();
        match moment.kind {
            Kind::Started => first(&mut registration.started, at),
            Kind::CheckIn => first(&mut registration.checked_in, at),
            Kind::Completed => {
                let completion = Completion {
                    at,
                    visitor: moment.visitor,
                    counts,
                };
                let known = registration.completed.get_or_insert(completion);
                if at < known.at {
                    *known = completion;
                }
            }
            _ => {}
        }
    }

    /// The times of all registrations that were found.
    #[must_use]
    pub fn times(mut self) -> Times {
        for starts in self.nameless_starts.values_mut() {
            starts.sort_unstable();
        }
        let (mut to_completion, mut to_check_in) = (Vec::new(), Vec::new());
        for registration in self.registrations.values() {
            let Some(completed) = registration.completed.filter(|one| one.counts) else {
                continue;
            };
            let started = registration.started.or_else(|| self.start_of(completed));
            to_completion.extend(started.map(|started| completed.at - started));
            let checked_in = registration.checked_in;
            to_check_in.extend(checked_in.map(|checked_in| checked_in - completed.at));
        }
        Times {
            start_to_completion: Durations::of(to_completion),
            completion_to_check_in: Durations::of(to_check_in),
        }
    }

    fn start_of(&self, completed: Completion) -> Option<DateTime<Utc>> {
        let starts = self.nameless_starts.get(&completed.visitor?)?;
        let before = starts.partition_point(|start| *start <= completed.at);
        starts[..before].last().copied()
    }
}

fn first(known: &mut Option<DateTime<Utc>>, at: DateTime<Utc>) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}

impl Durations {
    /// Those that are not negative: clocks of producers differ.
    fn of(mut all: Vec<TimeDelta>) -> Self {
        all.retain(|one| *one >= TimeDelta::zero());
        all.sort_unstable();
        // The nearest rank: the least duration that so many of a hundred do not exceed.
        let within = |percent: usize| {
            let rank = (all.len() * percent).div_ceil(100);
            rank.checked_sub(1).map(|at| all[at])
        };
        Self {
            registrations: all.len() as u64,
            median: within(50),
            p90: within(90),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-11-23T12:00:00Z";

    fn moment(kind: Kind, minute: i64, registration: Option<i64>, visitor: Option<i64>) -> Moment {
        let noon: DateTime<Utc> = NOON.parse().unwrap();
        Moment {
            visitor,
            registration,
            ..Moment::new(noon + TimeDelta::minutes(minute), kind)
        }
    }

    fn times(moments: &[Moment]) -> Times {
        let mut journeys = Journeys::default();
        for moment in moments {
            journeys.add(moment, true);
        }
        journeys.times()
    }

    fn minutes(durations: &Durations) -> (u64, Option<i64>, Option<i64>) {
        let minutes = |one: Option<TimeDelta>| one.map(|one| one.num_minutes());
        (
            durations.registrations,
            minutes(durations.median),
            minutes(durations.p90),
        )
    }

    #[test]
    fn a_registration_counts_by_its_first_fact_of_each_kind() {
        let told = times(&[
            moment(Kind::Started, 5, Some(1), None),
            moment(Kind::Started, 0, Some(1), None),
            moment(Kind::Completed, 7, Some(1), None),
            moment(Kind::Completed, 9, Some(1), None),
            moment(Kind::CheckIn, 60, Some(1), None),
            moment(Kind::CheckIn, 50, Some(1), None),
        ]);
        assert_eq!(minutes(&told.start_to_completion), (1, Some(7), Some(7)));
        assert_eq!(
            minutes(&told.completion_to_check_in),
            (1, Some(43), Some(43))
        );
    }

    #[test]
    fn a_nameless_start_is_found_by_its_visitor() {
        let told = times(&[
            moment(Kind::Started, 0, None, Some(8)),
            moment(Kind::Started, 4, None, Some(8)),
            moment(Kind::Started, 20, None, Some(8)),
            moment(Kind::Completed, 10, Some(1), Some(8)),
            moment(Kind::Completed, 10, Some(2), Some(9)),
        ]);
        assert_eq!(minutes(&told.start_to_completion), (1, Some(6), Some(6)));
    }

    #[test]
    fn what_ends_before_it_begins_is_left_out() {
        let told = times(&[
            moment(Kind::Completed, 10, Some(1), None),
            moment(Kind::Started, 11, Some(1), None),
            moment(Kind::CheckIn, 9, Some(1), None),
        ]);
        assert_eq!(minutes(&told.start_to_completion), (0, None, None));
        assert_eq!(minutes(&told.completion_to_check_in), (0, None, None));
    }

    #[test]
    fn percentiles_are_the_nearest_ranks() {
        let registrations = (1..=11_i64).flat_map(|id| {
            [
                moment(Kind::Completed, 0, Some(id), None),
                moment(Kind::CheckIn, id, Some(id), None),
            ]
        });
        let told = times(&registrations.collect::<Vec<_>>());
        assert_eq!(
            minutes(&told.completion_to_check_in),
            (11, Some(6), Some(10))
        );
    }

    #[test]
    fn the_completion_decides_whether_a_registration_counts() {
        let mut journeys = Journeys::default();
        journeys.add(&moment(Kind::Started, 0, Some(1), None), true);
        journeys.add(&moment(Kind::Completed, 1, Some(1), None), false);
        journeys.add(&moment(Kind::CheckIn, 2, Some(1), None), true);
        assert_eq!(
            minutes(&journeys.times().start_to_completion),
            (0, None, None)
        );
    }
}
