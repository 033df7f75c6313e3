//! A fact for the tests of the formats.

use uuid::Uuid;

use crate::store::StoredFact;

/// Returns a fact with a value of every kind.
pub fn fact() -> StoredFact {
    StoredFact {
        id: Uuid::from_u128(1),
        created_at: "2026-11-23T10:00:00.000120Z".parse().unwrap(),
        event_type: "payment.completed".into(),
        event_id: None,
        user_id: Some(Uuid::from_u128(2)),
        source: "a, b".into(),
        ticket_type_id: None,
        ticket_type_name: Some("V\"I\"P".into()),
        registration_id: None,
        amount_cents: Some("450000".into()),
        currency: Some("RUB".into()),
        properties: Some(r#"{"note": "two\nlines"}"#.into()),
    }
}
