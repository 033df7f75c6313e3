//! How long people take.

use chrono::TimeDelta;
use poem_openapi::Object;

use crate::figures;

/// How long people take from one step to the next. A registration counts by its first completion, its first
/// start and its first check-in within the period; where no start names it, by the latest start of the same
/// visitor that names no registration and is not after the completion.
#[derive(Clone, Copy, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Times {
    /// From the start of a registration to its completion.
    pub start_to_completion: Durations,
    /// From the completion to the check-in.
    pub completion_to_check_in: Durations,
}

/// Durations of some registrations, in seconds.
#[derive(Clone, Copy, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Durations {
    /// How many registrations have both ends in the period, in this order.
    pub registrations: u64,
    /// Half of them took at most so long (the nearest rank); `null` without any.
    #[oai(nullable)]
    pub median_seconds: Option<f64>,
    /// Of ten of them nine took at most so long; `null` without any.
    #[oai(nullable)]
    pub p90_seconds: Option<f64>,
}

impl From<figures::Times> for Times {
    fn from(times: figures::Times) -> Self {
        Self {
            start_to_completion: times.start_to_completion.into(),
            completion_to_check_in: times.completion_to_check_in.into(),
        }
    }
}

impl From<figures::Durations> for Durations {
    fn from(durations: figures::Durations) -> Self {
        let seconds = |one: TimeDelta| one.as_seconds_f64();
        Self {
            registrations: durations.registrations,
            median_seconds: durations.median.map(seconds),
            p90_seconds: durations.p90.map(seconds),
        }
    }
}
