//! Platform messages. The event type is in the routing key alone, the body is flat.

use analytics_shared::event_type::{
    CHECKIN_COMPLETED, EventType, PAYMENT_COMPLETED, REGISTRATION_CANCELLED,
    REGISTRATION_COMPLETED, REGISTRATION_ID,
};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::parsed_delivery::Payload;
use crate::{
    enrich::{
        error::FactError,
        incoming_fact::{ClientIdentity, IncomingFact},
        properties::allow_list::allowed_in_messages,
    },
    store::registry::EventPublished,
};

/// A parsed message.
#[derive(Debug)]
pub enum Message {
    /// An event for the registry.
    Published(EventPublished),
    /// A fact.
    Fact(Payload),
    /// A routing key that the service does not handle.
    Unhandled,
}

/// Parses a message. The error names the invalid field and repeats no value.
pub fn parse(routing_key: &str, body: &[u8]) -> Result<Message, FactError> {
    let event_type = match routing_key {
        "event.published" => return published(&object(body)?).map(Message::Published),
        "registration.created" => REGISTRATION_COMPLETED,
        "registration.cancelled" => REGISTRATION_CANCELLED,
        "checkin.completed" => CHECKIN_COMPLETED,
        "payment.completed" => PAYMENT_COMPLETED,
        _ => return Ok(Message::Unhandled),
    };
    let event_type = event_type
        .parse()
        .map_err(|_| FactError::invalid("routing key", "is not an event type"))?;
    let fact = incoming_fact(event_type, &object(body)?)?;
    Ok(Message::Fact(Payload::Incoming(fact)))
}

fn incoming_fact(
    event_type: EventType,
    body: &Map<String, Value>,
) -> Result<IncomingFact, FactError> {
    if let Some(property) = event_type.dedup_property() {
        required::<String>(body, property)?;
    }
    // Used for a look-up before the properties are validated.
    optional::<String>(body, REGISTRATION_ID)?;
    Ok(IncomingFact {
        event_type,
        identity: ClientIdentity {
            id: None,
            created_at: Some(required(body, "occurredAt")?),
        },
        tenant_id: optional(body, "tenantId")?,
        event_id: optional(body, "eventId")?,
        user_id: optional(body, "userId")?,
        properties: allowed_in_messages(body),
    })
}

fn published(body: &Map<String, Value>) -> Result<EventPublished, FactError> {
    let occurred_at: DateTime<Utc> = required(body, "occurredAt")?;
    let timezone: Option<String> = optional(body, "timezone")?;
    if let Some(zone) = &timezone {
        analytics_shared::period::parse_time_zone(zone)
            .map_err(|_| FactError::invalid("timezone", "is not an unambiguous IANA time zone"))?;
    }
    Ok(EventPublished {
        event_id: required(body, "eventId")?,
        tenant_id: required(body, "tenantId")?,
        organization_id: optional(body, "organizationId")?,
        title: required(body, "title")?,
        slug: optional(body, "slug")?,
        starts_at: optional(body, "startsAt")?,
        timezone,
        published_at: optional(body, "publishedAt")?.unwrap_or(occurred_at),
        occurred_at,
    })
}

/// The body as a JSON object. Some publishers encode it twice, as JSON in a JSON string.
fn object(body: &[u8]) -> Result<Map<String, Value>, FactError> {
    let not_json = |_| FactError::invalid("body", "is not JSON");
    let value = match serde_json::from_slice(body).map_err(not_json)? {
        Value::String(inner) => serde_json::from_str(&inner).map_err(not_json)?,
        value => value,
    };
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(FactError::invalid("body", "is not a JSON object")),
    }
}

fn required<T: DeserializeOwned>(body: &Map<String, Value>, name: &str) -> Result<T, FactError> {
    optional(body, name)?.ok_or_else(|| FactError::invalid(name, "is missing"))
}

fn optional<T: DeserializeOwned>(
    body: &Map<String, Value>,
    name: &str,
) -> Result<Option<T>, FactError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) if value.as_str().is_some_and(|text| text.contains('\0')) => Err(
            FactError::invalid(name, "contains U+0000, which cannot be stored"),
        ),
        Some(value) => T::deserialize(value)
            .map(Some)
            .map_err(|_| FactError::invalid(name, "has the wrong type or form")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::tests::{fuzz_body, fuzz_config};

    const KEYS: [&str; 5] = [
        "event.published",
        "registration.created",
        "registration.cancelled",
        "checkin.completed",
        "payment.completed",
    ];

    fn invalid_field(key: &str, body: &Value) -> String {
        match parse(key, body.to_string().as_bytes()).unwrap_err() {
            FactError::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_in_a_json_string_is_parsed_like_json() {
        let body =
            json!({"registrationId": "r", "occurredAt": "2026-11-03T10:15:30.5Z"}).to_string();
        let wrapped = Value::from(body.clone()).to_string();
        let properties = |body: &str| match parse("checkin.completed", body.as_bytes()).unwrap() {
            Message::Fact(Payload::Incoming(fact)) => (fact.properties, fact.identity.created_at),
            other => panic!("{other:?}"),
        };
        assert_eq!(properties(&wrapped), properties(&body));
    }

    #[test]
    fn an_unknown_routing_key_is_not_handled_whatever_the_body() {
        assert!(matches!(
            parse("invoice.sent", b"\xff"),
            Ok(Message::Unhandled)
        ));
    }

    #[test]
    fn a_missing_or_invalid_field_is_named() {
        let now = "2026-11-03T10:15:30Z";
        assert_eq!(invalid_field("checkin.completed", &json!([1])), "body");
        assert_eq!(
            invalid_field("checkin.completed", &json!({"occurredAt": now})),
            "registrationId"
        );
        assert_eq!(
            invalid_field("payment.completed", &json!({"occurredAt": now})),
            "paymentId"
        );
        assert_eq!(
            invalid_field("checkin.completed", &json!({"registrationId": "r"})),
            "occurredAt"
        );
        let event = json!({"registrationId": "r", "occurredAt": now, "eventId": "nonsense"});
        assert_eq!(invalid_field("registration.created", &event), "eventId");
        let zone = json!({"occurredAt": now, "timezone": "Mars/Olympus"});
        assert_eq!(invalid_field("event.published", &zone), "timezone");
    }

    proptest! {
        #![proptest_config(fuzz_config())]
        #[test]
        fn a_random_body_is_a_message_or_an_invalid_field(key in 0..KEYS.len(), body in fuzz_body()) {
            if let Err(error) = parse(KEYS[key], &body) {
                let is_invalid = matches!(error, FactError::Invalid { .. });
                prop_assert!(is_invalid, "{error:?}");
            }
        }
    }
}
