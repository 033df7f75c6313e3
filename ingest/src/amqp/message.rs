//! Platform messages. The event type is in the routing key alone, the body is flat.

use analytics_shared::{
    event_type::{
        CHECKIN_COMPLETED, EventType, PAYMENT_COMPLETED, REGISTRATION_CANCELLED,
        REGISTRATION_COMPLETED,
    },
    parse::{
        id::{self, InvalidUuid},
        text::{self, MAX_CHARS},
        time::{self, InvalidTime},
        time_zone,
    },
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::delivery::{body::parse_object, parsed_delivery::Payload};
use crate::{
    enrich::{
        error::FactError,
        incoming_fact::{ClientIdentity, IncomingFact},
        properties::{self, allow_list::allowed_in_messages, changes::PropertyChanges},
    },
    store::registry::EventPublished,
};

/// The routing key of messages for the registry.
const EVENT_PUBLISHED: &str = "event.published";
/// The routing keys of facts, with their event types.
const FACTS: [(&str, &str); 4] = [
    ("registration.created", REGISTRATION_COMPLETED),
    ("registration.cancelled", REGISTRATION_CANCELLED),
    ("checkin.completed", CHECKIN_COMPLETED),
    ("payment.completed", PAYMENT_COMPLETED),
];
/// The maximum length of the title of an event, in characters.
const MAX_TITLE_CHARS: usize = 500;

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

/// Returns whether messages with this routing key are parsed.
pub fn is_handled(routing_key: &str) -> bool {
    routing_key == EVENT_PUBLISHED || FACTS.iter().any(|(key, _)| *key == routing_key)
}

/// Parses a message, and returns the fields that are not stored as they are sent. The error names the invalid
/// field and repeats no value.
pub fn parse(routing_key: &str, body: &[u8]) -> Result<(Message, PropertyChanges), FactError> {
    if routing_key == EVENT_PUBLISHED {
        let (event, changes) = published(&parse_object(body)?)?;
        return Ok((Message::Published(event), changes));
    }
    let mut facts = FACTS.iter();
    let Some((_, event_type)) = facts.find(|(key, _)| *key == routing_key) else {
        return Ok((Message::Unhandled, PropertyChanges::default()));
    };
    let event_type = event_type
        .parse()
        .map_err(|_| FactError::invalid("routing key", "is not an event type"))?;
    let (fact, changes) = incoming_fact(event_type, &parse_object(body)?)?;
    Ok((Message::Fact(Payload::Incoming(fact)), changes))
}

fn incoming_fact(
    event_type: EventType,
    body: &Map<String, Value>,
) -> Result<(IncomingFact, PropertyChanges), FactError> {
    let mut properties = allowed_in_messages(&event_type, body);
    let changes = properties::normalize(&event_type, &mut properties)?;
    if let Some(property) = event_type.dedup_property()
        && !properties.contains_key(property)
    {
        return Err(missing(property));
    }
    let occurred_at = instant(body, "occurredAt")?;
    let fact = IncomingFact {
        event_type,
        identity: ClientIdentity {
            id: None,
            created_at: Some(occurred_at.ok_or_else(|| missing("occurredAt"))?),
        },
        tenant_id: uuid(body, "tenantId")?,
        event_id: uuid(body, "eventId")?,
        user_id: uuid(body, "userId")?,
        properties,
    };
    Ok((fact, changes))
}

fn published(body: &Map<String, Value>) -> Result<(EventPublished, PropertyChanges), FactError> {
    let mut changes = PropertyChanges::default();
    let occurred_at = instant(body, "occurredAt")?.ok_or_else(|| missing("occurredAt"))?;
    let zone = zone(body, &mut changes);
    let event = EventPublished {
        event_id: uuid(body, "eventId")?.ok_or_else(|| missing("eventId"))?,
        tenant_id: uuid(body, "tenantId")?.ok_or_else(|| missing("tenantId"))?,
        organization_id: uuid(body, "organizationId")?,
        title: description(body, "title", MAX_TITLE_CHARS, &mut changes)?
            .ok_or_else(|| missing("title"))?,
        slug: description(body, "slug", MAX_CHARS, &mut changes)?,
        starts_at: local_time(body, "startsAt", zone)?,
        timezone: zone.map(|zone| zone.name().to_owned()),
        published_at: local_time(body, "publishedAt", zone)?.unwrap_or(occurred_at),
        occurred_at,
    };
    Ok((event, changes))
}

/// The time zone of an event. One that has no meaning is dropped: it must not cost the event.
fn zone(body: &Map<String, Value>, changes: &mut PropertyChanges) -> Option<Tz> {
    let zone = match body.get("timezone") {
        None | Some(Value::Null) => return None,
        Some(Value::String(name)) => time_zone::parse(text::present(name)?).ok(),
        Some(_) => None,
    };
    if zone.is_none() {
        changes.dropped.push("timezone".to_owned());
    }
    zone
}

/// A text of a field, without space around it; `None` if it is empty.
fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, FactError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) => Ok(text::present(value)),
        Some(_) => Err(FactError::invalid(name, "must be a text")),
    }
}

fn description(
    body: &Map<String, Value>,
    name: &str,
    max_chars: usize,
    changes: &mut PropertyChanges,
) -> Result<Option<String>, FactError> {
    let Some(value) = text(body, name)? else {
        return Ok(None);
    };
    let kept = text::cut(value, max_chars);
    if kept.len() < value.len() {
        changes.cut.push(name.to_owned());
    }
    Ok(Some(kept.to_owned()))
}

fn uuid(body: &Map<String, Value>, name: &str) -> Result<Option<Uuid>, FactError> {
    let id = text(body, name)?.map(id::parse_uuid).transpose();
    id.map_err(|error: InvalidUuid| FactError::invalid(name, error.to_string()))
}

fn instant(body: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, FactError> {
    let time = text(body, name)?.map(time::parse).transpose();
    time.map_err(|error: InvalidTime| FactError::invalid(name, error.to_string()))
}

/// An instant, or a local time in the zone of the event (UTC without one).
fn local_time(
    body: &Map<String, Value>,
    name: &str,
    zone: Option<Tz>,
) -> Result<Option<DateTime<Utc>>, FactError> {
    let parse = |text| time::parse_in(text, zone.unwrap_or(Tz::UTC));
    let time = text(body, name)?.map(parse).transpose();
    time.map_err(|error: InvalidTime| FactError::invalid(name, error.to_string()))
}

fn missing(name: &str) -> FactError {
    FactError::invalid(name, "is missing")
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

    fn event(more: &Value) -> (EventPublished, PropertyChanges) {
        let mut body = json!({"eventId": Uuid::from_u128(1), "tenantId": Uuid::from_u128(2),
            "title": "T", "occurredAt": "2026-11-03T10:15:30Z"});
        let more = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
        match parse("event.published", body.to_string().as_bytes()).unwrap() {
            (Message::Published(event), changes) => (event, changes),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_in_a_json_string_is_parsed_like_json() {
        let body =
            json!({"registrationId": "r", "occurredAt": "2026-11-03T10:15:30.5Z"}).to_string();
        let wrapped = Value::from(body.clone()).to_string();
        let properties = |body: &str| match parse("checkin.completed", body.as_bytes()).unwrap() {
            (Message::Fact(Payload::Incoming(fact)), _) => {
                (fact.properties, fact.identity.created_at)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(properties(&wrapped), properties(&body));
    }

    #[test]
    fn an_unknown_routing_key_is_not_handled_whatever_the_body() {
        assert!(matches!(
            parse("invoice.sent", b"\xff"),
            Ok((Message::Unhandled, _))
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
        let local = json!({"registrationId": "r", "occurredAt": "2026-11-03T10:15:30"});
        assert_eq!(invalid_field("checkin.completed", &local), "occurredAt");
        let event = json!({"registrationId": "r", "occurredAt": now, "eventId": "nonsense"});
        assert_eq!(invalid_field("registration.created", &event), "eventId");
        let payment = json!({"paymentId": "p", "occurredAt": now, "amountCents": "1,250"});
        assert_eq!(
            invalid_field("payment.completed", &payment),
            "properties.amountCents"
        );
        let title = json!({"eventId": Uuid::nil(), "tenantId": Uuid::nil(), "title": "", "occurredAt": now});
        assert_eq!(invalid_field("event.published", &title), "title");
    }

    #[test]
    fn a_zone_without_a_meaning_is_dropped_and_an_old_name_is_read_as_the_present_one() {
        for zone in [json!("Mars/Olympus"), json!("+03:00"), json!(3)] {
            let (event, changes) = event(&json!({"timezone": zone}));
            assert_eq!(event.timezone, None);
            assert_eq!(changes.dropped, ["timezone"]);
        }
        let (event, changes) = event(&json!({"timezone": "Europe/Kiev"}));
        assert_eq!(event.timezone.as_deref(), Some("Europe/Kyiv"));
        assert_eq!(changes, PropertyChanges::default());
    }

    #[test]
    fn a_local_start_is_in_the_zone_of_the_event_else_in_utc() {
        let start = "2026-12-01T10:00:00";
        let starts_at = |body: &Value| event(body).0.starts_at.unwrap().to_rfc3339();
        let zone = json!({"startsAt": start, "timezone": "Asia/Tokyo"});
        assert_eq!(starts_at(&zone), "2026-12-01T01:00:00+00:00");
        assert_eq!(
            starts_at(&json!({"startsAt": start})),
            "2026-12-01T10:00:00+00:00"
        );
        let empty = json!({"startsAt": "", "publishedAt": " ", "timezone": "", "slug": "", "organizationId": ""});
        let (event, changes) = event(&empty);
        assert_eq!(
            (event.starts_at, event.timezone, event.slug),
            (None, None, None)
        );
        assert_eq!(event.published_at, event.occurred_at);
        assert_eq!(changes, PropertyChanges::default());
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
