//! Which events of a report come first, and which of them are on a page.

use std::cmp::Ordering;

use super::{Currency, EventFigures, Sort, SortField};

impl Sort {
    fn compare(self, a: &EventFigures, b: &EventFigures) -> Ordering {
        let count = |of: fn(&EventFigures) -> u64| self.order(Some(of(a)), Some(of(b)));
        let rate = |of: fn(&EventFigures) -> Option<f64>| self.order(of(a), of(b));
        match self.field {
            SortField::TotalViews => count(|event| event.totals.headline.total_views),
            SortField::UniqueViews => count(|event| event.totals.headline.unique_views),
            SortField::TotalRegistrations => {
                count(|event| event.totals.headline.total_registrations)
            }
            SortField::ConfirmedRegistrations => {
                count(|event| event.totals.headline.confirmed_registrations)
            }
            SortField::CheckedIn => count(|event| event.totals.headline.checked_in),
            SortField::ViewToRegistrationRate => {
                rate(|event| event.totals.headline.view_to_registration_rate)
            }
            SortField::RegistrationToCheckinRate => {
                rate(|event| event.totals.headline.registration_to_checkin_rate)
            }
            SortField::Cancellations => count(|event| event.totals.cancellations),
            SortField::CancellationRate => rate(|event| event.totals.cancellation_rate),
            SortField::NoShows => self.order(a.no_shows, b.no_shows),
            SortField::Title => {
                let title = |event: &EventFigures| event.title.as_deref().map(str::to_lowercase);
                self.order(title(a), title(b))
            }
            SortField::StartsAt => self.order(a.starts_at, b.starts_at),
            SortField::Revenue(currency) => self.order(paid(a, currency), paid(b, currency)),
        }
    }

    /// What is not known comes last, in either direction.
    fn order<T: PartialOrd>(self, a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => {
                let ascending = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
                if self.descending {
                    ascending.reverse()
                } else {
                    ascending
                }
            }
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    }
}

/// The sum of the payments in that currency; not known where there were neither payments nor refunds
/// in it.
fn paid(event: &EventFigures, currency: Currency) -> Option<i64> {
    let mut revenue = event.totals.revenue.iter();
    let of_currency = revenue.find(|revenue| revenue.currency == currency.code());
    of_currency.map(|revenue| revenue.amount_cents)
}

/// Page `page` (from 0) of `size` events in that order; events that are equal in it are ordered by
/// their id, so that no page repeats or omits any.
#[must_use]
pub fn page_of(
    mut events: Vec<EventFigures>,
    sort: Sort,
    page: u32,
    size: usize,
) -> Vec<EventFigures> {
    events.sort_by(|a, b| sort.compare(a, b).then_with(|| a.event_id.cmp(&b.event_id)));
    let before = usize::try_from(page).map_or(usize::MAX, |page| page.saturating_mul(size));
    events.into_iter().skip(before).take(size).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::figures::{Headline, Revenue, Tally, Totals};

    fn event(id: u128, title: Option<&str>, rate: Option<f64>) -> EventFigures {
        let nothing = Totals::from(&Tally::default());
        EventFigures {
            event_id: Uuid::from_u128(id),
            title: title.map(Into::into),
            starts_at: None,
            totals: Totals {
                headline: Headline {
                    view_to_registration_rate: rate,
                    ..nothing.headline
                },
                ..nothing
            },
            no_shows: None,
        }
    }

    fn order(events: Vec<EventFigures>, sort: &str) -> Vec<u128> {
        page_of(events, sort.parse().unwrap(), 0, 100)
            .iter()
            .map(|event| event.event_id.as_u128())
            .collect()
    }

    #[test]
    fn what_is_not_known_comes_last_in_either_direction() {
        let events = vec![
            event(1, None, None),
            event(2, Some("b"), Some(0.1)),
            event(3, Some("A"), Some(0.5)),
        ];
        assert_eq!(
            order(events.clone(), "viewToRegistrationRate,asc"),
            [2, 3, 1]
        );
        assert_eq!(
            order(events.clone(), "viewToRegistrationRate,desc"),
            [3, 2, 1]
        );
        assert_eq!(order(events.clone(), "title"), [3, 2, 1]);
        assert_eq!(order(events, "title,desc"), [2, 3, 1]);
    }

    #[test]
    fn events_that_are_equal_are_in_the_order_of_their_ids() {
        let events = vec![event(3, None, None), event(1, None, None)];
        assert_eq!(order(events, "totalViews,desc"), [1, 3]);
    }

    #[test]
    fn a_page_beyond_the_end_is_empty_however_far() {
        let sort = "title".parse().unwrap();
        assert!(page_of(vec![event(1, None, None)], sort, u32::MAX, 100).is_empty());
    }

    #[test]
    fn events_without_a_currency_come_after_those_that_it_was_paid_for() {
        let paying = |id, currency: &str, amount_cents| {
            let mut event = event(id, None, None);
            event.totals.revenue.push(Revenue {
                currency: currency.into(),
                amount_cents,
                payments: 1,
                refunded_cents: 0,
                refunds: 0,
            });
            event
        };
        let events = vec![
            event(1, None, None),
            paying(2, "EUR", 100),
            paying(3, "USD", 900),
            paying(4, "EUR", 300),
        ];
        assert_eq!(order(events.clone(), "revenue.EUR,desc"), [4, 2, 1, 3]);
        assert_eq!(order(events, "revenue.EUR"), [2, 4, 1, 3]);
    }
}
