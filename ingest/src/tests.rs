//! Random input for the tests of the parsers.

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// Cases per parser, unless `FUZZ_CASES` is set (`make test-full`).
const FUZZ_CASES: u32 = 10_000;

/// The fields of facts and messages.
const FIELDS: [&str; 22] = [
    "eventType",
    "eventId",
    "id",
    "createdAt",
    "userId",
    "tenantId",
    "properties",
    "occurredAt",
    "registrationId",
    "paymentId",
    "ticketTypeId",
    "ticketTypeName",
    "source",
    "utmSource",
    "referrer",
    "visitorId",
    "amountCents",
    "currency",
    "cancelledByOrganizer",
    "title",
    "timezone",
    "publishedAt",
];
/// Texts that are valid in some field, or nearly.
const TEXTS: [&str; 22] = [
    "",
    " ",
    "\0",
    "\u{feff}",
    "💥",
    "page.view",
    "checkin.completed",
    "payment.completed",
    "0193590a-7c00-7d4e-8f21-3a5b6c7d8e9f",
    "{0193590A-7C00-7D4E-8F21-3A5B6C7D8E9F}",
    "ffffffff-ffff-7fff-bfff-ffffffffffff",
    "2026-11-23T10:00:00Z",
    "2026-11-23 10:00:00.123456789+14:00",
    "2026-02-30T25:61:61Z",
    "-262143-01-01T00:00:00Z",
    "+262142-12-31T23:59:60Z",
    "9999-12-31T23:59:59.999999999-23:59",
    "EUR",
    "Europe/Berlin",
    "https://www.example.org/a?b=c",
    "https://xn--/%00",
    "=1+1",
];

/// The configuration of a fuzz test.
pub fn fuzz_config() -> ProptestConfig {
    let cases = std::env::var("FUZZ_CASES").ok();
    ProptestConfig {
        cases: cases.map_or(FUZZ_CASES, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A body: random bytes, or an object of known fields with some bytes changed.
pub fn fuzz_body() -> impl Strategy<Value = Vec<u8>> {
    let random = vec(any::<u8>(), 0..100);
    let edits = vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    let object = (fuzz_object(), edits).prop_map(|(object, edits)| {
        let mut bytes = Value::Object(object).to_string().into_bytes();
        for (index, byte) in edits {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    });
    prop_oneof![1 => random, 9 => object]
}

/// An object of known fields with any values.
pub fn fuzz_object() -> impl Strategy<Value = Map<String, Value>> {
    let properties = vec((select(&FIELDS[..]), fuzz_value()), 0..6);
    let fields = vec((select(&FIELDS[..]), fuzz_value()), 0..8);
    (fields, properties, any::<u8>()).prop_map(|(fields, properties, valid)| {
        let object = |fields: Vec<(&str, Value)>| -> Map<String, Value> {
            let named = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            named.collect()
        };
        let mut fact = object(fields);
        // So that some facts pass each check, and reach the next.
        for (bit, name, value) in [
            (1, "eventType", json!("page.view")),
            (2, "eventId", json!(TEXTS[8])),
            (4, "createdAt", json!(TEXTS[11])),
            (8, "occurredAt", json!(TEXTS[11])),
            (16, "registrationId", json!("r")),
            (32, "properties", Value::Object(object(properties))),
        ] {
            if valid & bit != 0 {
                fact.insert(name.to_owned(), value);
            }
        }
        fact
    })
}

fn fuzz_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => fuzz_text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<Option<bool>>().prop_map(Value::from),
    ];
    prop_oneof![
        8 => leaf.clone(),
        1 => vec(leaf.clone(), 0..3).prop_map(Value::from),
        1 => (fuzz_text(), leaf).prop_map(|(name, value)| json!({ name: value })),
    ]
}

/// A text: one that is valid somewhere, any other, or a long one.
pub fn fuzz_text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(&TEXTS[..]).prop_map(str::to_owned),
        3 => any::<String>(),
        1 => (any::<char>(), 1..300_usize).prop_map(|(char, length)| char.to_string().repeat(length)),
    ]
}
