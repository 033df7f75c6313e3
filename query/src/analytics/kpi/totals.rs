//! The seven metrics of the specification, and the totals that contain them.

use poem_openapi::Object;

use super::rate_basis::RateBasis;
use crate::analytics::{
    aggregate::Aggregate,
    model::{EventKind, Revenue},
};

/// The seven key metrics of an event or an organization.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct KeyMetrics {
    /// Page views.
    pub total_views: u64,
    /// Distinct visitors with a page view in the period.
    pub unique_views: u64,
    /// Completed registrations.
    pub total_registrations: u64,
    /// Completed registrations less cancelled ones, at least 0.
    pub confirmed_registrations: u64,
    /// Check-ins.
    pub checked_in: u64,
    /// `totalRegistrations` / `totalViews`; `null` without views.
    #[oai(nullable)]
    pub view_to_registration_rate: Option<f64>,
    /// `checkedIn` / `totalRegistrations`; `null` without registrations.
    #[oai(nullable)]
    pub registration_to_checkin_rate: Option<f64>,
}

impl From<&Aggregate> for KeyMetrics {
    fn from(aggregate: &Aggregate) -> Self {
        let total_views = aggregate.count(EventKind::View);
        let total_registrations = aggregate.count(EventKind::Completed);
        let checked_in = aggregate.count(EventKind::CheckIn);
        Self {
            total_views,
            unique_views: aggregate.visitors(EventKind::View),
            total_registrations,
            // Cancellations of registrations before the period may exceed those within it.
            confirmed_registrations: total_registrations
                .saturating_sub(aggregate.count(EventKind::Cancelled)),
            checked_in,
            view_to_registration_rate: ratio(total_registrations, total_views),
            registration_to_checkin_rate: ratio(checked_in, total_registrations),
        }
    }
}

/// Totals over a period.
#[derive(Clone, Debug, PartialEq, Object)]
#[oai(rename_all = "camelCase")]
pub struct Totals {
    /// Key metrics. Over several events, a visitor of two of them is one distinct visitor.
    #[oai(flatten)]
    pub metrics: KeyMetrics,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// `cancellations` / `totalRegistrations`; `null` without registrations. Above 1 if the period has more
    /// cancellations than registrations.
    #[oai(nullable)]
    pub cancellation_rate: Option<f64>,
    /// Explains a rate above 1; `null` if there is none.
    #[oai(nullable)]
    pub basis: Option<RateBasis>,
    /// Payments and refunds, one entry for each currency.
    pub revenue: Vec<Revenue>,
}

impl From<&Aggregate> for Totals {
    fn from(aggregate: &Aggregate) -> Self {
        let cancellations = aggregate.count(EventKind::Cancelled);
        let metrics = KeyMetrics::from(aggregate);
        let cancellation_rate = ratio(cancellations, aggregate.count(EventKind::Completed));
        Self {
            basis: RateBasis::of([
                metrics.view_to_registration_rate,
                metrics.registration_to_checkin_rate,
                cancellation_rate,
            ]),
            metrics,
            cancellations,
            cancellation_rate,
            revenue: aggregate.revenue(),
        }
    }
}

/// Returns `part / whole`; `None` if `whole` is 0.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to 2^53 facts, and a rate needs no more"
)]
pub fn ratio(part: u64, whole: u64) -> Option<f64> {
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
