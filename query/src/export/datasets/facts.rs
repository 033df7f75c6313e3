//! The dataset `facts`: one record for each stored fact, facts of bots included.

use crate::{
    export::table::{
        Column,
        ColumnValue::{Amount, Id, Json, Text, Time},
        Record,
    },
    store::StoredFact,
};

impl Record for StoredFact {
    const DATASET: &'static str = "facts";
    const COLUMNS: &'static [Column<Self>] = &[
        Column("id", Id(|fact| Some(fact.id))),
        Column("createdAt", Time(|fact| Some(fact.created_at))),
        Column("eventType", Text(|fact| Some(&fact.event_type))),
        Column("eventId", Id(|fact| fact.event_id)),
        Column("userId", Id(|fact| fact.user_id)),
        Column("source", Text(|fact| Some(&fact.source))),
        Column("ticketTypeId", Text(|fact| fact.ticket_type_id.as_deref())),
        Column(
            "ticketTypeName",
            Text(|fact| fact.ticket_type_name.as_deref()),
        ),
        Column(
            "registrationId",
            Text(|fact| fact.registration_id.as_deref()),
        ),
        Column(
            "amountCents",
            Amount(
                |fact| amount(fact.amount_cents.as_deref()),
                |fact| fact.currency.as_deref(),
            ),
        ),
        Column("currency", Text(|fact| fact.currency.as_deref())),
        Column("properties", Json(|fact| fact.properties.as_deref())),
    ];
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
