//! What a fact may carry: known properties have known types, and personal data stays outside.

use analytics_shared::event_type::EventType;
use serde_json::{Map, Value};

use super::Refusal;

/// The largest `properties`, in bytes of JSON.
const MAX_BYTES: usize = 32 * 1024;
/// The longest text that facts are counted under, in characters.
const MAX_TEXT: usize = 200;
/// The largest amount of one payment, in minor units.
const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// Properties that facts are counted or found by; each is a text.
const TEXTS: [&str; 8] = [
    "registrationId",
    "paymentId",
    "ticketTypeId",
    "ticketTypeName",
    "source",
    "utmSource",
    "visitorId",
    "currency",
];
/// Properties of messages that are stored; everything else in a message is dropped.
const ALLOWED_IN_MESSAGES: [&str; 8] = [
    "registrationId",
    "ticketTypeId",
    "ticketTypeName",
    "source",
    "paymentId",
    "amountCents",
    "currency",
    "cancelledByOrganizer",
];
/// Names of personal data, in lower case and without what is neither letter nor digit: they are
/// dropped wherever they come from and however deep they are.
const PERSONAL: [&str; 9] = [
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

/// What a message may leave in storage: nothing that could hold more than its name says.
#[must_use]
pub fn allowed_in_messages(body: &Map<String, Value>) -> Map<String, Value> {
    let allowed = ALLOWED_IN_MESSAGES.iter().filter_map(|&name| {
        let value = body.get(name)?;
        let is_plain = match name {
            "amountCents" => value.is_number(),
            "cancelledByOrganizer" => value.is_boolean(),
            // Texts of another type are refused later, with the name of the field.
            _ => true,
        };
        is_plain.then(|| (name.to_owned(), value.clone()))
    });
    allowed.collect()
}

/// Checks the properties of a fact, drops personal data, and takes known properties that say
/// nothing (`null`, an empty text) for absent.
///
/// # Errors
/// When they are too large or a known property has the wrong type.
pub fn check(event_type: &EventType, properties: &mut Map<String, Value>) -> Result<(), Refusal> {
    let bytes = serde_json::to_vec(properties).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_BYTES {
        let message = format!("must be at most {MAX_BYTES} bytes of JSON");
        return Err(Refusal::invalid("properties", message));
    }
    for (name, value) in &*properties {
        if name.contains('\0') || has_nul(value) {
            return Err(Refusal::invalid(
                field(name),
                "contains U+0000, which cannot be stored",
            ));
        }
    }
    drop_personal(properties);
    for name in TEXTS {
        check_text(name, properties)?;
    }
    if let Some(referrer) = properties.remove("referrer")
        && let Some(host) = referrer.as_str().and_then(host)
    {
        // The rest of an address may carry anything, a person's name included.
        properties.insert("referrer".to_owned(), host.into());
    }
    if event_type.is_payment() {
        check_money(properties)?;
    }
    Ok(())
}

/// The host of an address, without `www.`.
#[must_use]
pub fn host(address: &str) -> Option<String> {
    let address = url::Url::parse(address).ok()?;
    let host = address.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    (host.len() <= MAX_TEXT && !host.is_empty()).then(|| host.to_owned())
}

fn drop_personal(properties: &mut Map<String, Value>) {
    properties.retain(|name, _| {
        let plain = name.chars().filter(char::is_ascii_alphanumeric);
        let plain: String = plain
            .map(|character| character.to_ascii_lowercase())
            .collect();
        !PERSONAL.contains(&plain.as_str())
    });
    properties.values_mut().for_each(drop_personal_within);
}

fn drop_personal_within(value: &mut Value) {
    match value {
        Value::Object(map) => drop_personal(map),
        Value::Array(values) => values.iter_mut().for_each(drop_personal_within),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check_text(name: &str, properties: &mut Map<String, Value>) -> Result<(), Refusal> {
    match properties.get(name) {
        None => Ok(()),
        Some(Value::Null) => {
            properties.remove(name);
            Ok(())
        }
        Some(Value::String(text)) if text.trim().is_empty() => {
            properties.remove(name);
            Ok(())
        }
        Some(Value::String(text)) if text.chars().count() <= MAX_TEXT => Ok(()),
        Some(_) => {
            let message = format!("must be a text of at most {MAX_TEXT} characters");
            Err(Refusal::invalid(field(name), message))
        }
    }
}

fn check_money(properties: &mut Map<String, Value>) -> Result<(), Refusal> {
    let Some(amount) = properties.get("amountCents") else {
        return Ok(());
    };
    if amount.is_null() {
        properties.remove("amountCents");
        return Ok(());
    }
    if !amount
        .as_i64()
        .is_some_and(|cents| (0..=MAX_AMOUNT).contains(&cents))
    {
        let message = format!("must be a whole number of minor units from 0 to {MAX_AMOUNT}");
        return Err(Refusal::invalid("properties.amountCents", message));
    }
    let is_iso = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if !properties
        .get("currency")
        .and_then(Value::as_str)
        .is_some_and(is_iso)
    {
        let message = "must be an ISO 4217 code, for example `EUR`, where there is an amount";
        return Err(Refusal::invalid("properties.currency", message));
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

    fn checked(event_type: &str, properties: &Value) -> Result<Value, String> {
        let mut map = properties.as_object().unwrap().clone();
        check(&event_type.parse().unwrap(), &mut map).map_err(|refusal| match refusal {
            Refusal::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        })?;
        Ok(Value::from(map))
    }

    #[test]
    fn personal_data_is_dropped_and_the_rest_is_kept() {
        let sent = json!({
            "email": "a@b.c", "First_Name": "A", "e-mail": "a@b.c", "plan": {"x": 1},
            "attendees": [{"lastName": "B", "seat": 7}],
        });
        let kept = checked(PAGE_VIEW, &sent);
        assert_eq!(
            kept,
            Ok(json!({"plan": {"x": 1}, "attendees": [{"seat": 7}]}))
        );
    }

    #[test]
    fn a_referrer_is_kept_as_its_host() {
        let kept = checked(
            PAGE_VIEW,
            &json!({"referrer": "https://www.example.org/a?user=b"}),
        );
        assert_eq!(kept, Ok(json!({"referrer": "example.org"})));
        assert_eq!(
            checked(PAGE_VIEW, &json!({"referrer": "nonsense"})),
            Ok(json!({}))
        );
    }

    #[test]
    fn a_known_property_that_says_nothing_is_absent() {
        let kept = checked(
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
                checked(event_type, &properties),
                Err(field.to_owned()),
                "{properties}"
            );
        }
    }

    #[test]
    fn an_amount_means_nothing_where_no_money_moves() {
        assert!(checked(PAGE_VIEW, &json!({"amountCents": "a lot"})).is_ok());
    }

    #[test]
    fn only_the_allow_list_of_a_message_is_stored() {
        let body = json!({"registrationId": "r", "firstName": "A", "email": "a@b.c", "amountCents": 5,
            "cancelledByOrganizer": {"by": "A"}});
        let kept = allowed_in_messages(body.as_object().unwrap());
        assert_eq!(
            Value::from(kept),
            json!({"registrationId": "r", "amountCents": 5})
        );
    }
}
