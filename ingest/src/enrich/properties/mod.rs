//! The properties of a fact: validates the known ones and drops personal data.

pub mod allow_list;
pub mod untrusted;

use std::io;

use analytics_shared::event_type::EventType;
use serde_json::{Map, Value};

use super::error::FactError;

/// The maximum size of `properties`, in bytes of JSON.
const MAX_BYTES: usize = 32 * 1024;
/// The maximum length of a known text, in characters.
const MAX_TEXT_CHARS: usize = 200;
/// The maximum amount of a payment, in minor units.
const MAX_AMOUNT_CENTS: i64 = 1_000_000_000_000;

/// Known properties that are texts.
const TEXT_PROPERTIES: [&str; 8] = [
    "registrationId",
    "paymentId",
    "ticketTypeId",
    "ticketTypeName",
    "source",
    "utmSource",
    "visitorId",
    "currency",
];
/// Names of personal data, reduced to lower-case letters and digits; dropped from every source and at
/// every depth.
const PERSONAL_PROPERTIES: [&str; 9] = [
    "firstname",
    "lastname",
    "fullname",
    "attendeename",
    "email",
    "emailaddress",
    "phone",
    "phonenumber",
    "confirmationcode",
];

/// The names of properties that are not stored.
pub type DroppedNames = Vec<String>;

/// Validates the properties of a fact, and drops personal data and known properties that are `null` or
/// an empty text. Returns the names of dropped personal data. Fails if the properties are too large or a
/// known property has the wrong type.
pub fn validate(
    event_type: &EventType,
    properties: &mut Map<String, Value>,
) -> Result<DroppedNames, FactError> {
    check_size(properties, MAX_BYTES)?;
    for (name, value) in &*properties {
        if name.contains('\0') || has_nul(value) {
            return Err(FactError::invalid(
                field(name),
                "contains U+0000, which cannot be stored",
            ));
        }
    }
    let mut dropped = DroppedNames::new();
    drop_personal(properties, &mut dropped);
    for name in TEXT_PROPERTIES {
        validate_text(name, properties)?;
    }
    if let Some(referrer) = properties.remove("referrer") {
        let referrer = referrer.as_str().unwrap_or_default();
        // The rest of a URL may contain personal data.
        if let Some(host) = host(referrer) {
            properties.insert("referrer".to_owned(), host.into());
        } else if !referrer.is_empty() {
            dropped.push("referrer".to_owned());
        }
    }
    if event_type.is_payment() {
        validate_amount(properties)?;
    }
    Ok(dropped)
}

fn check_size(properties: &Map<String, Value>, max_bytes: usize) -> Result<(), FactError> {
    let mut counter = ByteCounter(0);
    // Counting does not fail.
    let _ = serde_json::to_writer(&mut counter, properties);
    if counter.0 > max_bytes {
        let message = format!("must be at most {max_bytes} bytes of JSON");
        return Err(FactError::invalid("properties", message));
    }
    Ok(())
}

/// Counts the bytes that are written.
struct ByteCounter(usize);

impl io::Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The host of a URL, without `www.`.
fn host(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    (host.len() <= MAX_TEXT_CHARS && !host.is_empty()).then(|| host.to_owned())
}

fn drop_personal(properties: &mut Map<String, Value>, dropped: &mut DroppedNames) {
    properties.retain(|name, _| {
        let plain = name.chars().filter(char::is_ascii_alphanumeric);
        let plain: String = plain
            .map(|character| character.to_ascii_lowercase())
            .collect();
        let is_personal = PERSONAL_PROPERTIES.contains(&plain.as_str());
        if is_personal {
            dropped.push(name.clone());
        }
        !is_personal
    });
    for value in properties.values_mut() {
        drop_personal_in(value, dropped);
    }
}

fn drop_personal_in(value: &mut Value, dropped: &mut DroppedNames) {
    match value {
        Value::Object(map) => drop_personal(map, dropped),
        Value::Array(values) => {
            for value in values {
                drop_personal_in(value, dropped);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn validate_text(name: &str, properties: &mut Map<String, Value>) -> Result<(), FactError> {
    match properties.get(name) {
        None => {}
        Some(Value::Null) => drop(properties.remove(name)),
        Some(Value::String(text)) if text.trim().is_empty() => drop(properties.remove(name)),
        Some(Value::String(text)) if text.chars().count() <= MAX_TEXT_CHARS => {}
        Some(_) => {
            let message = format!("must be a text of at most {MAX_TEXT_CHARS} characters");
            return Err(FactError::invalid(field(name), message));
        }
    }
    Ok(())
}

fn validate_amount(properties: &mut Map<String, Value>) -> Result<(), FactError> {
    let Some(amount) = properties.get("amountCents") else {
        return Ok(());
    };
    if amount.is_null() {
        properties.remove("amountCents");
        return Ok(());
    }
    if !amount
        .as_i64()
        .is_some_and(|cents| (0..=MAX_AMOUNT_CENTS).contains(&cents))
    {
        let message =
            format!("must be an integer number of minor units from 0 to {MAX_AMOUNT_CENTS}");
        return Err(FactError::invalid("properties.amountCents", message));
    }
    let is_iso = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if !properties
        .get("currency")
        .and_then(Value::as_str)
        .is_some_and(is_iso)
    {
        let message = "must be an ISO 4217 code, for example `EUR`, if `amountCents` is set";
        return Err(FactError::invalid("properties.currency", message));
    }
    Ok(())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(map) => map
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn field(name: &str) -> String {
    format!("properties.{}", name.replace('\0', "\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{PAGE_VIEW, PAYMENT_COMPLETED};
    use serde_json::json;

    use super::*;

    fn validated(event_type: &str, properties: &Value) -> Result<Value, String> {
        let mut map = properties.as_object().unwrap().clone();
        validate(&event_type.parse().unwrap(), &mut map).map_err(|error| match error {
            FactError::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        })?;
        Ok(Value::from(map))
    }

    #[test]
    fn personal_data_is_dropped_and_named_and_the_rest_is_kept() {
        let mut sent = json!({
            "email": "a@b.c", "First_Name": "A", "e-mail": "a@b.c", "plan": {"x": 1},
            "attendees": [{"lastName": "B", "seat": 7}], "referrer": "nonsense",
        });
        let properties = sent.as_object_mut().unwrap();
        let mut dropped = validate(&PAGE_VIEW.parse().unwrap(), properties).unwrap();
        dropped.sort_unstable();
        assert_eq!(
            dropped,
            ["First_Name", "e-mail", "email", "lastName", "referrer"]
        );
        assert_eq!(sent, json!({"plan": {"x": 1}, "attendees": [{"seat": 7}]}));
    }

    #[test]
    fn a_referrer_is_kept_as_its_host() {
        let kept = validated(
            PAGE_VIEW,
            &json!({"referrer": "https://www.example.org/a?user=b"}),
        );
        assert_eq!(kept, Ok(json!({"referrer": "example.org"})));
        assert_eq!(
            validated(PAGE_VIEW, &json!({"referrer": "nonsense"})),
            Ok(json!({}))
        );
    }

    #[test]
    fn an_empty_known_property_is_absent() {
        let kept = validated(
            PAGE_VIEW,
            &json!({"source": null, "ticketTypeId": " ", "other": null}),
        );
        assert_eq!(kept, Ok(json!({"other": null})));
    }

    #[test]
    fn a_wrong_type_names_the_field() {
        for (event_type, properties, field) in [
            (PAGE_VIEW, json!({"source": 5}), "properties.source"),
            (
                PAGE_VIEW,
                json!({"visitorId": "v".repeat(201)}),
                "properties.visitorId",
            ),
            (PAGE_VIEW, json!({"note": ["a\u{0}"]}), "properties.note"),
            (PAGE_VIEW, json!({"note": "n".repeat(40_000)}), "properties"),
            (
                PAYMENT_COMPLETED,
                json!({"amountCents": 1.5, "currency": "EUR"}),
                "properties.amountCents",
            ),
            (
                PAYMENT_COMPLETED,
                json!({"amountCents": -1, "currency": "EUR"}),
                "properties.amountCents",
            ),
            (
                PAYMENT_COMPLETED,
                json!({"amountCents": 100}),
                "properties.currency",
            ),
            (
                PAYMENT_COMPLETED,
                json!({"amountCents": 100, "currency": "euro"}),
                "properties.currency",
            ),
        ] {
            assert_eq!(
                validated(event_type, &properties),
                Err(field.to_owned()),
                "{properties}"
            );
        }
    }

    #[test]
    fn an_amount_is_validated_for_payments_only() {
        assert!(validated(PAGE_VIEW, &json!({"amountCents": "a lot"})).is_ok());
    }
}
