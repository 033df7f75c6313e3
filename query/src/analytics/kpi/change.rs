//! The change of metrics between two periods.

use poem_openapi::Object;

use super::totals::{KeyMetrics, Totals};

/// The change of a metric since the comparison period.
#[derive(Clone, Copy, Debug, PartialEq, Object)]
pub struct Change {
    /// The metric less its value in the comparison period.
    pub absolute: f64,
    /// `absolute` / the value in the comparison period (0.25 is an increase by a quarter); `null` if that value
    /// is 0.
    #[oai(nullable)]
    pub relative: Option<f64>,
}

/// The change of each metric since the comparison period; `null` if either value is `null`.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct TotalsChange {
    pub total_views: Change,
    pub unique_views: Change,
    pub total_registrations: Change,
    pub confirmed_registrations: Change,
    pub checked_in: Change,
    pub cancellations: Change,
    #[oai(nullable)]
    pub view_to_registration_rate: Option<Change>,
    #[oai(nullable)]
    pub registration_to_checkin_rate: Option<Change>,
    #[oai(nullable)]
    pub cancellation_rate: Option<Change>,
}

impl Change {
    fn between(before: f64, now: f64) -> Self {
        let absolute = now - before;
        let relative = (before != 0.0).then(|| absolute / before);
        Self { absolute, relative }
    }

    /// Returns the change from `before` to `now`; `None` if either is unknown.
    pub fn of(before: Option<f64>, now: Option<f64>) -> Option<Self> {
        Some(Self::between(before?, now?))
    }

    /// Returns the change between two counts.
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact up to 2^53 facts, and a change needs no more"
    )]
    pub fn of_counts(before: u64, now: u64) -> Self {
        Self::between(before as f64, now as f64)
    }
}

impl TotalsChange {
    /// Returns the change of each metric from `before` to `now`.
    pub fn of(before: &Totals, now: &Totals) -> Self {
        let count = |metric: fn(&KeyMetrics) -> u64| {
            Change::of_counts(metric(&before.metrics), metric(&now.metrics))
        };
        let rate = |metric: fn(&Totals) -> Option<f64>| Change::of(metric(before), metric(now));
        Self {
            total_views: count(|metrics| metrics.total_views),
            unique_views: count(|metrics| metrics.unique_views),
            total_registrations: count(|metrics| metrics.total_registrations),
            confirmed_registrations: count(|metrics| metrics.confirmed_registrations),
            checked_in: count(|metrics| metrics.checked_in),
            cancellations: Change::of_counts(before.cancellations, now.cancellations),
            view_to_registration_rate: rate(|totals| totals.metrics.view_to_registration_rate),
            registration_to_checkin_rate: rate(|totals| {
                totals.metrics.registration_to_checkin_rate
            }),
            cancellation_rate: rate(|totals| totals.cancellation_rate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_from_nothing_has_no_ratio() {
        let from_nothing = Change::of_counts(0, 3);
        assert_eq!((from_nothing.absolute, from_nothing.relative), (3.0, None));
        assert_eq!(Change::of_counts(4, 3).relative, Some(-0.25));
        assert_eq!(Change::of(Some(0.5), None), None);
        assert_eq!(
            Change::of(Some(0.5), Some(0.25)).unwrap().relative,
            Some(-0.5)
        );
    }
}
