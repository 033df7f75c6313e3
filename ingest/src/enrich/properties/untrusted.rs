//! The restrictions on facts of untrusted senders, which anyone can be.

use analytics_shared::{event_type::REGISTRATION_ID, parse::text};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::allow_list::{is_allowed_from_untrusted, is_known_from_untrusted};
use crate::enrich::{error::FactError, incoming_fact::IncomingFact};

/// The maximum age of a fact: a page sends it when it happens.
const MAX_AGE: TimeDelta = TimeDelta::minutes(15);
const TOKEN_REQUIRED: &str = "requires a token of the event's tenant";

/// Validates a fact of this time from an untrusted sender. The event is irrelevant, so that the result does
/// not depend on whether it exists.
pub fn validate(
    incoming: &IncomingFact,
    created_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), FactError> {
    if created_at < now - MAX_AGE {
        let minutes = MAX_AGE.num_minutes();
        let message = format!("is older than {minutes} minutes, which {TOKEN_REQUIRED}");
        return Err(FactError::invalid("createdAt", message));
    }
    let registration = incoming.properties.get(REGISTRATION_ID);
    if registration.is_some_and(|value| !is_empty(value)) {
        let field = format!("properties.{REGISTRATION_ID}");
        return Err(FactError::invalid(field, TOKEN_REQUIRED));
    }
    Ok(())
}

/// Returns whether a value is `null` or an empty text, and therefore absent.
fn is_empty(value: &Value) -> bool {
    value.is_null()
        || value
            .as_str()
            .is_some_and(|text| text::present(text).is_none())
}

/// Drops all properties that are not in the allow-list, and returns their names. Their sizes do not matter then.
pub fn drop_unknown(properties: &mut Map<String, Value>) -> Vec<String> {
    let unknown = properties
        .keys()
        .filter(|name| !is_known_from_untrusted(name));
    let unknown: Vec<String> = unknown.cloned().collect();
    properties.retain(|name, _| is_known_from_untrusted(name));
    unknown
}

/// Drops all properties that are not in the allow-list or have values that are not, and adds their names to
/// `dropped`.
pub fn drop_not_allowed(properties: &mut Map<String, Value>, dropped: &mut Vec<String>) {
    properties.retain(|name, value| {
        let is_allowed = is_allowed_from_untrusted(name, value);
        if !is_allowed {
            dropped.push(name.clone());
        }
        is_allowed
    });
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::PAGE_VIEW;
    use serde_json::json;

    use super::*;
    use crate::enrich::incoming_fact::ClientIdentity;

    fn invalid_field(age: TimeDelta, properties: &Value) -> Option<String> {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let incoming = IncomingFact {
            event_type: PAGE_VIEW.parse().unwrap(),
            identity: ClientIdentity::default(),
            tenant_id: None,
            event_id: None,
            user_id: None,
            properties: properties.as_object().unwrap().clone(),
        };
        match validate(&incoming, now - age, now) {
            Ok(()) => None,
            Err(FactError::Invalid { field, .. }) => Some(field),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_fact_is_recent_and_about_no_registration() {
        let (now, none) = (TimeDelta::zero(), json!({}));
        assert_eq!(invalid_field(MAX_AGE, &none), None);
        let older = MAX_AGE + TimeDelta::microseconds(1);
        assert_eq!(invalid_field(older, &none), Some("createdAt".to_owned()));
        let registration = json!({"registrationId": "r"});
        let field = "properties.registrationId".to_owned();
        for empty in [json!(""), json!(null)] {
            assert_eq!(invalid_field(now, &json!({"registrationId": empty})), None);
        }
        assert_eq!(invalid_field(now, &registration), Some(field));
    }

    #[test]
    fn properties_outside_the_allow_list_are_dropped_and_named() {
        let mut sent =
            json!({"source": "ad", "note": "n", "utmSource": "ann@example.org", "robot": 1});
        assert_eq!(
            drop_unknown(&mut sent.as_object().unwrap().clone()),
            ["note"]
        );
        let mut dropped = Vec::new();
        drop_not_allowed(sent.as_object_mut().unwrap(), &mut dropped);
        dropped.sort_unstable();
        assert_eq!(dropped, ["note", "robot", "utmSource"]);
        assert_eq!(sent, json!({"source": "ad"}));
    }
}
