//! The explanation of rates above 1.

use poem_openapi::Enum;

/// The counts that a rate above 1 divides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "camelCase")]
pub enum RateBasis {
    /// The rate divides counts of all facts in the period. It exceeds 1 if facts of the step before are missing,
    /// because people came without a counted page view, or lie before the period.
    /// `reached` and `convertedVisitors` count people instead.
    FactsInPeriod,
}

impl RateBasis {
    /// Returns the basis of `rates`, if one of them exceeds 1.
    pub fn of(rates: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let exceeds = rates.into_iter().flatten().any(|rate| rate > 1.0);
        exceeds.then_some(Self::FactsInPeriod)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rate_above_1_is_explained() {
        assert_eq!(RateBasis::of([None, Some(0.5), Some(1.0)]), None);
        assert_eq!(
            RateBasis::of([Some(0.5), Some(1.25)]),
            Some(RateBasis::FactsInPeriod)
        );
    }
}
