//! The same figures of an earlier period, and how they have changed since.

use analytics_shared::period::Period;
use poem_openapi::Object;

use super::{parts::Totals, types::Day};
use crate::figures::{self, Headline};

/// An earlier period, and the change since.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Comparison {
    /// The first day of the earlier period.
    pub date_from: Day,
    /// Its last day.
    pub date_to: Day,
    /// The earlier period as a whole.
    #[oai(flatten)]
    pub totals: Totals,
    /// How each figure has changed since.
    pub change: Changes,
}

/// How figures have changed; `null` where one of the two is.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Changes {
    /// Of `totalViews`.
    pub total_views: Change,
    /// Of `uniqueViews`.
    pub unique_views: Change,
    /// Of `totalRegistrations`.
    pub total_registrations: Change,
    /// Of `confirmedRegistrations`.
    pub confirmed_registrations: Change,
    /// Of `checkedIn`.
    pub checked_in: Change,
    /// Of `cancellations`.
    pub cancellations: Change,
    /// Of `viewToRegistrationRate`.
    #[oai(nullable)]
    pub view_to_registration_rate: Option<Change>,
    /// Of `registrationToCheckinRate`.
    #[oai(nullable)]
    pub registration_to_checkin_rate: Option<Change>,
    /// Of `cancellationRate`.
    #[oai(nullable)]
    pub cancellation_rate: Option<Change>,
}

/// How a figure has changed.
#[derive(Clone, Copy, Debug, Object)]
pub struct Change {
    /// The figure less the earlier one.
    pub absolute: f64,
    /// That divided by the earlier one (0.25 is a quarter more); `null` where that was 0.
    #[oai(nullable)]
    pub relative: Option<f64>,
}

impl From<figures::Change> for Change {
    fn from(change: figures::Change) -> Self {
        Self {
            absolute: change.absolute,
            relative: change.relative,
        }
    }
}

impl Comparison {
    /// `now` compared with what was `earlier`, in `period`.
    pub fn new(period: Period, earlier: figures::Totals, now: &figures::Totals) -> Self {
        let change = Changes::new(&earlier, now);
        Self {
            date_from: Day(period.from),
            date_to: Day(period.to),
            totals: earlier.into(),
            change,
        }
    }
}

impl Changes {
    fn new(earlier: &figures::Totals, now: &figures::Totals) -> Self {
        let count = |of: fn(&Headline) -> u64| {
            figures::Change::of_counts(of(&earlier.headline), of(&now.headline)).into()
        };
        let rate = |of: fn(&Headline) -> Option<f64>| {
            figures::Change::of(of(&earlier.headline), of(&now.headline)).map(Change::from)
        };
        Self {
            total_views: count(|headline| headline.total_views),
            unique_views: count(|headline| headline.unique_views),
            total_registrations: count(|headline| headline.total_registrations),
            confirmed_registrations: count(|headline| headline.confirmed_registrations),
            checked_in: count(|headline| headline.checked_in),
            cancellations: figures::Change::of_counts(earlier.cancellations, now.cancellations)
                .into(),
            view_to_registration_rate: rate(|headline| headline.view_to_registration_rate),
            registration_to_checkin_rate: rate(|headline| headline.registration_to_checkin_rate),
            cancellation_rate: figures::Change::of(
                earlier.cancellation_rate,
                now.cancellation_rate,
            )
            .map(Change::from),
        }
    }
}
