//! Parts that several answers have in common.

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;

use super::types::Day;
use crate::figures;

/// What an answer is about.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct About {
    /// The first day.
    pub date_from: Day,
    /// The last day; it belongs to the period.
    pub date_to: Day,
    /// The IANA zone that days are counted in.
    pub timezone: String,
    /// When anything of what is shown changed last; the present moment where there is nothing.
    pub as_of: DateTime<Utc>,
}

impl About {
    /// An answer about that period, of which nothing has changed since `as_of`.
    pub fn new(period: Period, zone: Tz, as_of: DateTime<Utc>) -> Self {
        Self {
            date_from: Day(period.from),
            date_to: Day(period.to),
            timezone: zone.name().to_owned(),
            as_of,
        }
    }
}

/// The seven metrics.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Metrics {
    /// Views of the event's page.
    pub total_views: u64,
    /// Distinct visitors of the event's page over the whole period.
    pub unique_views: u64,
    /// Registrations that were completed.
    pub total_registrations: u64,
    /// Completed registrations less cancelled ones, and not below 0.
    pub confirmed_registrations: u64,
    /// Attendees who checked in.
    pub checked_in: u64,
    /// `totalRegistrations` / `totalViews`; `null` without views.
    #[oai(nullable)]
    pub view_to_registration_rate: Option<f64>,
    /// `checkedIn` / `totalRegistrations`; `null` without registrations.
    #[oai(nullable)]
    pub registration_to_checkin_rate: Option<f64>,
}

impl From<figures::Headline> for Metrics {
    fn from(headline: figures::Headline) -> Self {
        Self {
            total_views: headline.total_views,
            unique_views: headline.unique_views,
            total_registrations: headline.total_registrations,
            confirmed_registrations: headline.confirmed_registrations,
            checked_in: headline.checked_in,
            view_to_registration_rate: headline.view_to_registration_rate,
            registration_to_checkin_rate: headline.registration_to_checkin_rate,
        }
    }
}

/// All that is told of a period as a whole.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Totals {
    /// The metrics; over several events, a visitor of two of them is one distinct visitor.
    #[oai(flatten)]
    pub metrics: Metrics,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// `cancellations` / `totalRegistrations`; `null` without registrations. Above 1 where more was
    /// cancelled in the period than registered.
    #[oai(nullable)]
    pub cancellation_rate: Option<f64>,
    /// Payments and refunds, one entry for each currency.
    pub revenue: Vec<Revenue>,
}

impl From<figures::Totals> for Totals {
    fn from(totals: figures::Totals) -> Self {
        Self {
            metrics: totals.headline.into(),
            cancellations: totals.cancellations,
            cancellation_rate: totals.cancellation_rate,
            revenue: all(totals.revenue),
        }
    }
}

/// One calendar day.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DayFigures {
    /// The day.
    pub date: Day,
    /// Page views.
    pub views: u64,
    /// Distinct visitors of that day.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

impl From<figures::DayFigures> for DayFigures {
    fn from(day: figures::DayFigures) -> Self {
        Self {
            date: Day(day.date),
            views: day.views,
            unique_views: day.unique_views,
            registrations: day.registrations,
            cancellations: day.cancellations,
            check_ins: day.check_ins,
        }
    }
}

/// Payments and refunds of one currency. Refunds are not subtracted.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Revenue {
    /// ISO 4217 code; empty where none was named.
    pub currency: String,
    /// Sum of the payments, in minor units.
    pub amount_cents: i64,
    /// How many payments.
    pub payments: u64,
    /// Sum of the refunds, in minor units.
    pub refunded_cents: i64,
    /// How many refunds.
    pub refunds: u64,
}

impl From<figures::Revenue> for Revenue {
    fn from(revenue: figures::Revenue) -> Self {
        Self {
            currency: revenue.currency,
            amount_cents: revenue.amount_cents,
            payments: revenue.payments,
            refunded_cents: revenue.refunded_cents,
            refunds: revenue.refunds,
        }
    }
}

/// One traffic source.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SourceFigures {
    /// Its name; `direct` where a visitor came from nowhere that is known.
    pub source: String,
    /// Page views.
    pub views: u64,
    /// Distinct visitors of this source; who came from two counts for both.
    pub unique_views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

impl From<figures::SourceFigures> for SourceFigures {
    fn from(one: figures::SourceFigures) -> Self {
        Self {
            source: one.source,
            views: one.views,
            unique_views: one.unique_views,
            registrations: one.registrations,
            check_ins: one.check_ins,
        }
    }
}

/// The same list, as an answer has it.
pub fn all<T, U: From<T>>(figures: Vec<T>) -> Vec<U> {
    figures.into_iter().map(U::from).collect()
}
