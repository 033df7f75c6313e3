//! Which events of a report come first, and which of them are on a page.

use std::{cmp::Ordering, fmt, str::FromStr};

use thiserror::Error;

use super::EventFigures;

/// What events can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    /// `totalViews`
    TotalViews,
    /// `uniqueViews`
    UniqueViews,
    /// `totalRegistrations`
    TotalRegistrations,
    /// `confirmedRegistrations`
    ConfirmedRegistrations,
    /// `checkedIn`
    CheckedIn,
    /// `viewToRegistrationRate`
    ViewToRegistrationRate,
    /// `registrationToCheckinRate`
    RegistrationToCheckinRate,
    /// `cancellations`
    Cancellations,
    /// `title`
    Title,
    /// `startsAt`
    StartsAt,
}

impl SortField {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::TotalViews,
        Self::UniqueViews,
        Self::TotalRegistrations,
        Self::ConfirmedRegistrations,
        Self::CheckedIn,
        Self::ViewToRegistrationRate,
        Self::RegistrationToCheckinRate,
        Self::Cancellations,
        Self::Title,
        Self::StartsAt,
    ];

    /// The name of the field in the answer.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TotalViews => "totalViews",
            Self::UniqueViews => "uniqueViews",
            Self::TotalRegistrations => "totalRegistrations",
            Self::ConfirmedRegistrations => "confirmedRegistrations",
            Self::CheckedIn => "checkedIn",
            Self::ViewToRegistrationRate => "viewToRegistrationRate",
            Self::RegistrationToCheckinRate => "registrationToCheckinRate",
            Self::Cancellations => "cancellations",
            Self::Title => "title",
            Self::StartsAt => "startsAt",
        }
    }
}

/// An order of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub field: SortField,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A text that is no [`Sort`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "must be a field and a direction, like `totalViews,desc`; fields are the seven metrics, \
     `cancellations`, `title` and `startsAt`, directions `asc` and `desc`"
)]
pub struct InvalidSort;

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.descending { "desc" } else { "asc" };
        write!(f, "{},{direction}", self.field.name())
    }
}

impl FromStr for Sort {
    type Err = InvalidSort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, direction) = text.split_once(',').unwrap_or((text, "asc"));
        let field = SortField::ALL
            .into_iter()
            .find(|field| field.name() == name)
            .ok_or(InvalidSort)?;
        let descending = match direction {
            "asc" => false,
            "desc" => true,
            _ => return Err(InvalidSort),
        };
        Ok(Self { field, descending })
    }
}

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
            SortField::Title => {
                let title = |event: &EventFigures| event.title.as_deref().map(str::to_lowercase);
                self.order(title(a), title(b))
            }
            SortField::StartsAt => self.order(a.starts_at, b.starts_at),
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
    use crate::figures::{Headline, Tally, Totals};

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
    fn an_unknown_field_or_direction_is_refused() {
        for text in ["", "views", "totalViews,down", "totalViews,desc,asc"] {
            assert_eq!(text.parse::<Sort>(), Err(InvalidSort), "{text}");
        }
    }
}
