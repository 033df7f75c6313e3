//! The allow-list: the properties that are stored of inputs which may contain anything, messages and facts
//! of untrusted senders.

use analytics_shared::{event_type::EventType, parse::amount};
use serde_json::{Map, Value};

/// A property of the allow-list.
struct AllowedProperty {
    name: &'static str,
    kind: ValueKind,
    in_messages: bool,
    from_untrusted: bool,
}

/// The type of the value. Texts of another type, and amounts of payments that cannot be read, are rejected with
/// the field's name when the properties are normalized; other values are dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ValueKind {
    Text,
    Amount,
    Flag,
}

/// The properties with a meaning. Others are never stored of messages and untrusted senders.
const ALLOW_LIST: [AllowedProperty; 15] = [
    allowed("registrationId", ValueKind::Text, true, false),
    allowed("paymentId", ValueKind::Text, true, false),
    allowed("amountCents", ValueKind::Amount, true, false),
    allowed("currency", ValueKind::Text, true, false),
    allowed("cancelledByOrganizer", ValueKind::Flag, true, false),
    allowed("ticketTypeId", ValueKind::Text, true, true),
    allowed("ticketTypeName", ValueKind::Text, true, true),
    allowed("source", ValueKind::Text, true, true),
    allowed("utmSource", ValueKind::Text, false, true),
    allowed("utmMedium", ValueKind::Text, false, true),
    allowed("utmCampaign", ValueKind::Text, false, true),
    allowed("utmTerm", ValueKind::Text, false, true),
    allowed("referrer", ValueKind::Text, false, true),
    allowed("visitorId", ValueKind::Text, true, true),
    allowed("robot", ValueKind::Flag, false, true),
];

const fn allowed(
    name: &'static str,
    kind: ValueKind,
    in_messages: bool,
    from_untrusted: bool,
) -> AllowedProperty {
    AllowedProperty {
        name,
        kind,
        in_messages,
        from_untrusted,
    }
}

impl AllowedProperty {
    fn has_type_of(&self, value: &Value) -> bool {
        match self.kind {
            ValueKind::Text => true,
            ValueKind::Amount => amount::parse(value).is_ok(),
            ValueKind::Flag => value.is_boolean(),
        }
    }
}

/// Returns the names of the properties with a meaning.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALLOW_LIST.iter().map(|property| property.name)
}

/// Returns the allowed properties of the body of a message.
pub fn allowed_in_messages(
    event_type: &EventType,
    body: &Map<String, Value>,
) -> Map<String, Value> {
    let allowed = ALLOW_LIST.iter().filter(|property| property.in_messages);
    let properties = allowed.filter_map(|property| {
        let value = body.get(property.name)?;
        let is_amount = property.kind == ValueKind::Amount && event_type.is_payment();
        let is_allowed = is_amount || property.has_type_of(value);
        is_allowed.then(|| (property.name.to_owned(), value.clone()))
    });
    properties.collect()
}

/// Returns whether an untrusted sender may set the property.
pub fn is_known_from_untrusted(name: &str) -> bool {
    let mut known = ALLOW_LIST.iter().filter(|property| property.from_untrusted);
    known.any(|property| property.name == name)
}

/// Returns whether an untrusted sender may set the property to this value. An e-mail address is allowed in no
/// property.
pub fn is_allowed_from_untrusted(name: &str, value: &Value) -> bool {
    let is_allowed = |property: &AllowedProperty| {
        property.from_untrusted && property.name == name && property.has_type_of(value)
    };
    ALLOW_LIST.iter().any(is_allowed) && !value.as_str().is_some_and(contains_email)
}

/// Whether a text contains an `@` between two other characters, as in `ann@example.org`.
fn contains_email(text: &str) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let mut parts = text.as_bytes().windows(3);
    parts.any(|part| part[1] == b'@' && is_part(&part[0]) && is_part(&part[2]))
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{PAYMENT_COMPLETED, REGISTRATION_COMPLETED};
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_allow_list_of_a_message_is_stored() {
        let body = json!({"registrationId": "r", "firstName": "A", "email": "a@b.c", "amountCents": 5,
            "cancelledByOrganizer": {"by": "A"}, "utmSource": "u", "visitorId": "v"});
        let kept = |event_type: &str, body: &Value| {
            let event_type = event_type.parse().unwrap();
            Value::from(allowed_in_messages(&event_type, body.as_object().unwrap()))
        };
        let expected = json!({"registrationId": "r", "amountCents": 5, "visitorId": "v"});
        assert_eq!(kept(REGISTRATION_COMPLETED, &body), expected);
        // An amount that cannot be read is an error of a payment, and otherwise of no use.
        let body = json!({"amountCents": "a lot"});
        assert_eq!(kept(PAYMENT_COMPLETED, &body), body);
        assert_eq!(kept(REGISTRATION_COMPLETED, &body), json!({}));
    }

    #[test]
    fn an_untrusted_sender_sets_known_properties_to_values_without_an_email_address() {
        for (name, value, expected) in [
            ("source", json!("newsletter"), true),
            ("utmSource", json!("@instagram"), true),
            ("utmSource", json!("ann@example.org"), false),
            ("utmCampaign", json!("early birds"), true),
            ("visitorId", json!("анна@example.org"), false),
            ("robot", json!(true), true),
            ("robot", json!("true"), false),
            ("registrationId", json!("r"), false),
            ("amountCents", json!(5), false),
            ("name", json!("Ann"), false),
            // With a Cyrillic letter.
            ("\u{435}mail", json!("a@b.c"), false),
        ] {
            assert_eq!(
                is_allowed_from_untrusted(name, &value),
                expected,
                "{name}: {value}"
            );
        }
    }
}
