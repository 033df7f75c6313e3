//! The registration funnel of one event.

use super::{EventSummary, Kind, Tally, headline::ratio};

/// The four steps and the rates between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// The steps in order.
    pub steps: [Step; 4],
    /// Registrations started for each view.
    pub start_rate: Option<f64>,
    /// Registrations completed for each one started.
    pub completion_rate: Option<f64>,
    /// Check-ins for each registration completed.
    pub attendance_rate: Option<f64>,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The facts that make up the step.
    pub kind: Kind,
    /// How many there are.
    pub count: u64,
    /// Distinct visitors behind them.
    pub visitors: u64,
    /// For each fact of the step before; `None` for the first, and after a step without any.
    pub conversion_from_previous: Option<f64>,
    /// For each fact of the first step; `None` where that has none.
    pub conversion_from_first: Option<f64>,
    /// Facts of the step before less those of this one; 0 for the first, and not below 0.
    pub drop_off: u64,
}

impl Funnel {
    /// The kinds of the steps, in order.
    pub const STEPS: [Kind; 4] = Kind::VISITED;

    /// The funnel of one event.
    #[must_use]
    pub fn of(summary: &EventSummary) -> Self {
        Self::from(&summary.sums().total)
    }
}

impl From<&Tally> for Funnel {
    fn from(tally: &Tally) -> Self {
        let first = tally.count(Self::STEPS[0]);
        let mut previous = None;
        let steps = Self::STEPS.map(|kind| {
            let count = tally.count(kind);
            let before = previous.replace(count);
            Step {
                kind,
                count,
                visitors: tally.visitors(kind),
                conversion_from_previous: before.and_then(|before| ratio(count, before)),
                conversion_from_first: ratio(count, first),
                drop_off: before.map_or(0, |before| before.saturating_sub(count)),
            }
        });
        let [views, started, completed, checked_in] = Self::STEPS.map(|kind| tally.count(kind));
        Self {
            steps,
            start_rate: ratio(started, views),
            completion_rate: ratio(completed, started),
            attendance_rate: ratio(checked_in, completed),
        }
    }
}
