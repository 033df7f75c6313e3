//! The dataset `facts`: one record for each stored fact, those of robots included.

use chrono::NaiveDate;

use crate::{
    export::table::{Cell, Column, Record, Series},
    figures::ZoneClock,
    store::StoredFact,
};

impl Record for StoredFact {
    const DATASET: &'static str = "facts";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("id", |fact| Cell::Id(fact.id)),
        Column::of_times("createdAt", |fact| Cell::Time(fact.created_at)),
        Column::new("eventType", |fact| Cell::Text(&fact.event_type)),
        Column::new("eventId", |fact| Cell::id(fact.event_id)),
        Column::new("userId", |fact| Cell::id(fact.user_id)),
        Column::new("source", |fact| Cell::Text(&fact.source)),
        Column::new("ticketTypeId", |fact| {
            Cell::text(fact.ticket_type_id.as_ref())
        }),
        Column::new("ticketTypeName", |fact| {
            Cell::text(fact.ticket_type_name.as_ref())
        }),
        Column::new("registrationId", |fact| {
            Cell::text(fact.registration_id.as_ref())
        }),
        Column::new("amountCents", |fact| {
            Cell::whole(amount(fact.amount_cents.as_deref()))
        }),
        Column::new("currency", |fact| Cell::text(fact.currency.as_ref())),
        Column::new("properties", |fact| Cell::json(fact.properties.as_ref())),
    ];
    const SERIES: &'static [Series<Self>] = &[Series {
        name: "facts",
        count: |_| 1,
    }];

    fn day(&self, clock: &ZoneClock) -> NaiveDate {
        clock.day(self.created_at)
    }
}

/// An amount, if it is a whole number; it is in the properties in any case.
fn amount(stored: Option<&str>) -> Option<i64> {
    stored.and_then(|text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_that_is_no_whole_number_has_no_cell() {
        assert_eq!(amount(Some("450000")), Some(450_000));
        assert_eq!(amount(Some("-1")), Some(-1));
        for text in [
            None,
            Some("1.5"),
            Some("many"),
            Some("99999999999999999999"),
        ] {
            assert_eq!(amount(text), None, "{text:?}");
        }
    }
}
