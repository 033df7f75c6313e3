//! The order of the events of a report, and its pages.

use std::{cmp::Ordering, fmt, str::FromStr};

use super::{
    organization_report::EventMetrics,
    sort_field::{InvalidEventSort, NAMED_FIELDS, SortField, SortValue},
};
use crate::analytics::model::PageRange;

/// An order of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventSort {
    pub field: SortField,
    /// Whether the greatest value comes first.
    pub descending: bool,
}

impl EventSort {
    /// The default order: most views first.
    pub const DEFAULT: Self = Self {
        field: SortField::Named(0),
        descending: true,
    };

    /// Returns a regular expression that matches every valid order.
    pub fn pattern() -> String {
        let names = NAMED_FIELDS.map(|(name, _)| name).join("|");
        format!(r"^({names}|revenue\.[A-Z]{{3}})(,(asc|desc))?$")
    }

    /// Compares two values; unknown values come last in either direction.
    fn compare(self, a: Option<&SortValue>, b: Option<&SortValue>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => {
                let ascending = a.partial_cmp(b).unwrap_or(Ordering::Equal);
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

impl fmt::Display for EventSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.descending { "desc" } else { "asc" };
        write!(f, "{},{direction}", self.field)
    }
}

impl FromStr for EventSort {
    type Err = InvalidEventSort;

    fn from_str(text: &str) -> Result<Self, InvalidEventSort> {
        let (field, direction) = text.split_once(',').unwrap_or((text, "asc"));
        let descending = match direction {
            "asc" => false,
            "desc" => true,
            _ => return Err(InvalidEventSort),
        };
        let field = field.parse()?;
        Ok(Self { field, descending })
    }
}

/// Returns one page of the events. Equal events are ordered by their ids, so that no page repeats or omits
/// one.
pub fn page_of(events: Vec<EventMetrics>, sort: EventSort, page: PageRange) -> Vec<EventMetrics> {
    let events = events.into_iter();
    let mut events: Vec<_> = events
        .map(|event| (sort.field.value(&event), event))
        .collect();
    let selection = page.select(&mut events, |(a, event_a), (b, event_b)| {
        let by_value = sort.compare(a.as_ref(), b.as_ref());
        by_value.then_with(|| event_a.event_id.cmp(&event_b.event_id))
    });
    let listed = selection.listed.iter();
    listed.map(|(_, event)| event.clone()).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::analytics::{aggregate::Aggregate, kpi::Totals, model::Revenue};

    fn event(id: u128, title: Option<&str>, rate: Option<f64>) -> EventMetrics {
        let mut totals = Totals::from(&Aggregate::default());
        totals.metrics.view_to_registration_rate = rate;
        EventMetrics {
            event_id: Uuid::from_u128(id),
            title: title.map(Into::into),
            starts_at: None,
            totals,
            no_shows: None,
        }
    }

    fn order(events: Vec<EventMetrics>, sort: &str) -> Vec<u128> {
        let page = PageRange {
            number: 0,
            size: 100,
        };
        page_of(events, sort.parse().unwrap(), page)
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
        let page = PageRange {
            number: u32::MAX,
            size: 100,
        };
        assert!(page_of(vec![event(1, None, None)], sort, page).is_empty());
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

    #[test]
    fn every_order_reads_back_as_it_is_written() {
        let fields = NAMED_FIELDS.iter().map(|(name, _)| *name);
        for field in fields.chain(["revenue.EUR"]) {
            for direction in ["asc", "desc"] {
                let text = format!("{field},{direction}");
                assert_eq!(text.parse::<EventSort>().unwrap().to_string(), text);
            }
            assert!(!field.parse::<EventSort>().unwrap().descending);
        }
    }

    #[test]
    fn an_unknown_field_or_direction_is_refused() {
        for text in [
            "",
            "views",
            "totalViews,down",
            "totalViews,desc,asc",
            "revenue,desc",
            "revenue.eur,desc",
            "revenue.EURO,desc",
            "revenue.\u{20ac},desc",
        ] {
            assert_eq!(text.parse::<EventSort>(), Err(InvalidEventSort), "{text}");
        }
    }
}
