//! The time from the start of a registration to its completion, and from there to the check-in.
//!
//! Each registration counts once, with its first fact of each kind. Most registrations are started
//! before they have an id: their start is then the latest start without a registration id by the same
//! visitor, not after the completion.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;

use crate::analytics::model::{EventKind, RawFact};

/// The time between the steps of a registration. Each registration counts with its first start, first
/// completion and first check-in in the period. Without a start that names the registration, the latest start
/// of the same visitor counts that names no registration and is not after the completion.
#[derive(Clone, Copy, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct TimeToConvert {
    /// From the start of a registration to its completion.
    pub start_to_completion: DurationPercentiles,
    /// From the completion of a registration to the check-in.
    pub completion_to_check_in: DurationPercentiles,
}

/// Percentiles (nearest rank) of the time between two steps, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct DurationPercentiles {
    /// Number of registrations with both steps in the period, in this order.
    pub registrations: u64,
    /// Median; `null` without registrations.
    #[oai(nullable)]
    pub median_seconds: Option<f64>,
    /// 90th percentile; `null` without registrations.
    #[oai(nullable)]
    pub p90_seconds: Option<f64>,
}

/// Collects the facts of registrations.
#[derive(Clone, Debug, Default)]
pub struct TimeToConvertBuilder {
    registrations: HashMap<i64, RegistrationTimes>,
    /// Starts without a registration id, by visitor.
    anonymous_starts: HashMap<i64, Vec<DateTime<Utc>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct RegistrationTimes {
    started: Option<DateTime<Utc>>,
    completed: Option<Completion>,
    checked_in: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug)]
struct Completion {
    at: DateTime<Utc>,
    visitor: Option<i64>,
    matches: bool,
}

impl TimeToConvertBuilder {
    /// The kinds of facts to add.
    pub const KINDS: [EventKind; 3] =
        [EventKind::Started, EventKind::Completed, EventKind::CheckIn];

    /// Adds a fact of the period. `matches` is whether it passes the filter: registrations whose first
    /// completion does not are excluded.
    pub fn add(&mut self, fact: &RawFact, matches: bool) {
        let at = fact.at;
        let Some(id) = fact.registration else {
            if let (EventKind::Started, Some(visitor)) = (fact.kind, fact.visitor) {
                self.anonymous_starts.entry(visitor).or_default().push(at);
            }
            return;
        };
        let registration = self.registrations.entry(id).or_default();
        match fact.kind {
            EventKind::Started => set_earliest(&mut registration.started, at),
            EventKind::CheckIn => set_earliest(&mut registration.checked_in, at),
            EventKind::Completed => {
                let completion = Completion {
                    at,
                    visitor: fact.visitor,
                    matches,
                };
                let first = registration.completed.get_or_insert(completion);
                if at < first.at {
                    *first = completion;
                }
            }
            _ => {}
        }
    }

    /// Computes the percentiles.
    pub fn build(mut self) -> TimeToConvert {
        for starts in self.anonymous_starts.values_mut() {
            starts.sort_unstable();
        }
        let (mut to_completion, mut to_check_in) = (Vec::new(), Vec::new());
        for registration in self.registrations.values() {
            let Some(completed) = registration.completed.filter(|one| one.matches) else {
                continue;
            };
            let started = registration.started;
            let started = started.or_else(|| self.anonymous_start_of(completed));
            to_completion.extend(started.map(|started| completed.at - started));
            let checked_in = registration.checked_in;
            to_check_in.extend(checked_in.map(|checked_in| checked_in - completed.at));
        }
        TimeToConvert {
            start_to_completion: DurationPercentiles::of(to_completion),
            completion_to_check_in: DurationPercentiles::of(to_check_in),
        }
    }

    fn anonymous_start_of(&self, completed: Completion) -> Option<DateTime<Utc>> {
        let starts = self.anonymous_starts.get(&completed.visitor?)?;
        let before = starts.partition_point(|start| *start <= completed.at);
        starts[..before].last().copied()
    }
}

fn set_earliest(known: &mut Option<DateTime<Utc>>, at: DateTime<Utc>) {
    *known = Some(known.map_or(at, |known| known.min(at)));
}

impl DurationPercentiles {
    /// Computes the percentiles without negative durations, which come from the clocks of producers.
    fn of(mut durations: Vec<TimeDelta>) -> Self {
        durations.retain(|one| *one >= TimeDelta::zero());
        durations.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (durations.len() * percent).div_ceil(100);
            rank.checked_sub(1).map(|at| durations[at].as_seconds_f64())
        };
        Self {
            registrations: durations.len() as u64,
            median_seconds: percentile(50),
            p90_seconds: percentile(90),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-11-23T12:00:00Z";

    fn fact(
        kind: EventKind,
        minute: i64,
        registration: Option<i64>,
        visitor: Option<i64>,
    ) -> RawFact {
        let noon: DateTime<Utc> = NOON.parse().unwrap();
        RawFact {
            visitor,
            registration,
            ..RawFact::new(noon + TimeDelta::minutes(minute), kind)
        }
    }

    fn times(facts: &[RawFact]) -> TimeToConvert {
        let mut builder = TimeToConvertBuilder::default();
        for fact in facts {
            builder.add(fact, true);
        }
        builder.build()
    }

    fn minutes(durations: &DurationPercentiles) -> (u64, Option<i64>, Option<i64>) {
        let minutes = |seconds: Option<f64>| {
            seconds.map(|seconds| (seconds / 60.0).to_string().parse().unwrap())
        };
        (
            durations.registrations,
            minutes(durations.median_seconds),
            minutes(durations.p90_seconds),
        )
    }

    #[test]
    fn a_registration_counts_by_its_first_fact_of_each_kind() {
        let times = times(&[
            fact(EventKind::Started, 5, Some(1), None),
            fact(EventKind::Started, 0, Some(1), None),
            fact(EventKind::Completed, 7, Some(1), None),
            fact(EventKind::Completed, 9, Some(1), None),
            fact(EventKind::CheckIn, 60, Some(1), None),
            fact(EventKind::CheckIn, 50, Some(1), None),
        ]);
        assert_eq!(minutes(&times.start_to_completion), (1, Some(7), Some(7)));
        assert_eq!(
            minutes(&times.completion_to_check_in),
            (1, Some(43), Some(43))
        );
    }

    #[test]
    fn a_nameless_start_is_found_by_its_visitor() {
        let times = times(&[
            fact(EventKind::Started, 0, None, Some(8)),
            fact(EventKind::Started, 4, None, Some(8)),
            fact(EventKind::Started, 20, None, Some(8)),
            fact(EventKind::Completed, 10, Some(1), Some(8)),
            fact(EventKind::Completed, 10, Some(2), Some(9)),
        ]);
        assert_eq!(minutes(&times.start_to_completion), (1, Some(6), Some(6)));
    }

    #[test]
    fn what_ends_before_it_begins_is_left_out() {
        let times = times(&[
            fact(EventKind::Completed, 10, Some(1), None),
            fact(EventKind::Started, 11, Some(1), None),
            fact(EventKind::CheckIn, 9, Some(1), None),
        ]);
        assert_eq!(minutes(&times.start_to_completion), (0, None, None));
        assert_eq!(minutes(&times.completion_to_check_in), (0, None, None));
    }

    #[test]
    fn percentiles_are_the_nearest_ranks() {
        let registrations = (1..=11_i64).flat_map(|id| {
            [
                fact(EventKind::Completed, 0, Some(id), None),
                fact(EventKind::CheckIn, id, Some(id), None),
            ]
        });
        let times = times(&registrations.collect::<Vec<_>>());
        assert_eq!(
            minutes(&times.completion_to_check_in),
            (11, Some(6), Some(10))
        );
    }

    #[test]
    fn the_completion_decides_whether_a_registration_counts() {
        let mut builder = TimeToConvertBuilder::default();
        builder.add(&fact(EventKind::Started, 0, Some(1), None), true);
        builder.add(&fact(EventKind::Completed, 1, Some(1), None), false);
        builder.add(&fact(EventKind::CheckIn, 2, Some(1), None), true);
        assert_eq!(
            minutes(&builder.build().start_to_completion),
            (0, None, None)
        );
    }
}
