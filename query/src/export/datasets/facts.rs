//! The dataset `facts`: one record for each stored fact, facts of bots included.

use chrono::NaiveDate;

use crate::{
    analytics::TimeZoneRules,
    export::table::{Column, Record, Series},
    store::StoredFact,
};

impl Record for StoredFact {
    const DATASET: &'static str = "facts";
    const COLUMNS: &'static [Column<Self>] = &[
        Column::id("id", |fact| Some(fact.id)),
        Column::time("createdAt", |fact| Some(fact.created_at)),
        Column::text("eventType", |fact| Some(&fact.event_type)),
        Column::id("eventId", |fact| fact.event_id),
        Column::id("userId", |fact| fact.user_id),
        Column::text("source", |fact| Some(&fact.source)),
        Column::text("ticketTypeId", |fact| fact.ticket_type_id.as_deref()),
        Column::text("ticketTypeName", |fact| fact.ticket_type_name.as_deref()),
        Column::text("registrationId", |fact| fact.registration_id.as_deref()),
        Column::integer("amountCents", |fact| amount(fact.amount_cents.as_deref())),
        Column::text("currency", |fact| fact.currency.as_deref()),
        Column::json("properties", |fact| fact.properties.as_deref()),
    ];
    const SERIES: &'static [Series<Self>] = &[Series {
        name: "facts",
        count: |_| 1,
    }];

    fn day(&self, rules: &TimeZoneRules) -> NaiveDate {
        rules.day(self.created_at)
    }
}

/// Parses an amount; `None` if it is not an integer. The properties contain it in any case.
fn amount(stored: Option<&str>) -> Option<i64> {
    stored.and_then(|text| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_that_is_not_an_integer_has_no_cell() {
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
