//! Totals of the comparison period.

use analytics_shared::period::Period;
use poem_openapi::Object;

use super::metadata::DateRange;
use crate::analytics::{Totals, TotalsChange};

/// The comparison period and the change since.
#[derive(Clone, Debug, Object)]
pub struct Comparison {
    /// The comparison period.
    #[oai(flatten)]
    pub period: DateRange,
    /// Totals of the comparison period.
    #[oai(flatten)]
    pub totals: Totals,
    /// Change of each metric since the comparison period.
    pub change: TotalsChange,
}

impl Comparison {
    /// Compares `now` with the totals `before` of `period`.
    pub fn new(period: Period, before: Totals, now: &Totals) -> Self {
        Self {
            period: period.into(),
            change: TotalsChange::of(&before, now),
            totals: before,
        }
    }
}
