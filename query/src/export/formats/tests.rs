//! A fact for the tests of the formats, and random texts.

use proptest::{prelude::*, sample::select};
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

/// Returns the configuration of a fuzz test: 10,000 cases, unless `FUZZ_CASES` is set (`make test-full`).
pub fn fuzz_config() -> ProptestConfig {
    let cases = std::env::var("FUZZ_CASES").ok();
    ProptestConfig {
        cases: cases.map_or(10_000, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Any text, often with characters that have a meaning in CSV or in spreadsheets.
pub fn fuzz_text() -> impl Strategy<Value = String> {
    let special = select(
        &[
            '=', '+', '-', '@', '\t', '\r', '\n', '"', '\'', ',', ';', '\u{feff}', '\0',
        ][..],
    );
    let character = prop_oneof![2 => special, 1 => any::<char>()];
    proptest::collection::vec(character, 0..12).prop_map(String::from_iter)
}
