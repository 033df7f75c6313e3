//! The seven metrics of the specification.

use super::{Kind, Tally};

/// The seven metrics, for an event or an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Headline {
    /// Facts `page.view`.
    pub total_views: u64,
    /// Distinct visitors of them.
    pub unique_views: u64,
    /// Facts `registration.completed`.
    pub total_registrations: u64,
    /// Registrations that were not cancelled.
    pub confirmed_registrations: u64,
    /// Facts `checkin.completed`.
    pub checked_in: u64,
    /// Registrations for each view.
    pub view_to_registration_rate: Option<f64>,
    /// Check-ins for each registration.
    pub registration_to_checkin_rate: Option<f64>,
}

impl From<&Tally> for Headline {
    fn from(tally: &Tally) -> Self {
        let total_views = tally.count(Kind::View);
        let total_registrations = tally.count(Kind::Completed);
        let checked_in = tally.count(Kind::CheckIn);
        Self {
            total_views,
            unique_views: tally.visitors(Kind::View),
            total_registrations,
            // More cancellations than registrations: these were made before the period.
            confirmed_registrations: total_registrations
                .saturating_sub(tally.count(Kind::Cancelled)),
            checked_in,
            view_to_registration_rate: ratio(total_registrations, total_views),
            registration_to_checkin_rate: ratio(checked_in, total_registrations),
        }
    }
}

/// `part / whole`; there is none of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53 facts, and a rate needs no more"
)]
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_none() {
        assert_eq!(ratio(3, 0), None);
        assert_eq!(ratio(0, 4), Some(0.0));
        assert_eq!(ratio(1, 4), Some(0.25));
    }
}
