//! The registration funnel of one event.

use super::{Kind, Row, Tally, headline::ratio};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The facts that make up the step.
    pub kind: Kind,
    /// How many there are.
    pub count: u64,
    /// Distinct visitors behind them.
    pub visitors: u64,
}

impl Funnel {
    /// The kinds of the steps, in order.
    pub const STEPS: [Kind; 4] = Kind::VISITED;

    /// Folds the rows of one event.
    #[must_use]
    pub fn fold(rows: &[&Row]) -> Self {
        let tally: Tally = rows.iter().copied().collect();
        let steps = Self::STEPS.map(|kind| Step {
            kind,
            count: tally.count(kind),
            visitors: tally.visitors(kind),
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
