//! The restrictions on facts of untrusted senders, which anyone can be.

use std::collections::BTreeMap;

use analytics_shared::event_type::REGISTRATION_ID;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::{
    DESCRIPTIONS, REFERRER,
    allow_list::{is_allowed_from_untrusted, is_known_from_untrusted},
    check_size,
};
use crate::enrich::{error::FactError, incoming_fact::IncomingFact};

/// The maximum size of all properties but descriptions, which have limits of their own, in bytes of JSON.
const MAX_BYTES: usize = 1024;
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
    if incoming.properties.contains_key(REGISTRATION_ID) {
        let field = format!("properties.{REGISTRATION_ID}");
        return Err(FactError::invalid(field, TOKEN_REQUIRED));
    }
    let properties = incoming.properties.iter();
    let others: BTreeMap<_, _> = properties
        .filter(|(name, _)| !is_description(name))
        .collect();
    check_size(&others, MAX_BYTES)
}

/// Returns whether a property describes a view. Such texts must never cost the view: its page does not see the
/// response.
fn is_description(name: &str) -> bool {
    DESCRIPTIONS.contains(&name) || [REFERRER, "title"].contains(&name) || name.starts_with("utm")
}

/// Drops the descriptions that are not in the allow-list, whatever their sizes, and returns their names.
pub fn drop_descriptions(properties: &mut Map<String, Value>) -> Vec<String> {
    let is_kept = |name: &str| !is_description(name) || is_known_from_untrusted(name);
    let dropped = properties.keys().filter(|name| !is_kept(name));
    let dropped: Vec<String> = dropped.cloned().collect();
    properties.retain(|name, _| is_kept(name));
    dropped
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
    fn a_fact_is_recent_small_and_about_no_registration() {
        let (now, none) = (TimeDelta::zero(), json!({}));
        assert_eq!(invalid_field(MAX_AGE, &none), None);
        let older = MAX_AGE + TimeDelta::microseconds(1);
        assert_eq!(invalid_field(older, &none), Some("createdAt".to_owned()));
        let registration = json!({"registrationId": "r"});
        let field = "properties.registrationId".to_owned();
        assert_eq!(invalid_field(now, &registration), Some(field));
        let of_size = |name: &str, bytes: usize| json!({name: "s".repeat(bytes - name.len() - 7)});
        assert_eq!(invalid_field(now, &of_size("note", 1024)), None);
        let too_large = Some("properties".to_owned());
        assert_eq!(invalid_field(now, &of_size("note", 1025)), too_large);
        assert_eq!(invalid_field(now, &of_size("source", 1025)), None);
    }

    #[test]
    fn properties_outside_the_allow_list_are_dropped_and_named() {
        let mut sent =
            json!({"source": "ad", "note": "n", "utmSource": "ann@example.org", "robot": 1});
        let long = "t".repeat(100_000);
        let mut page = json!({"title": long, "utmContent": long, "note": 1, "utmSource": "u"});
        let dropped = drop_descriptions(page.as_object_mut().unwrap());
        assert_eq!(dropped, ["title", "utmContent"]);
        assert_eq!(page, json!({"note": 1, "utmSource": "u"}));
        let mut dropped = Vec::new();
        drop_not_allowed(sent.as_object_mut().unwrap(), &mut dropped);
        dropped.sort_unstable();
        assert_eq!(dropped, ["note", "robot", "utmSource"]);
        assert_eq!(sent, json!({"source": "ad"}));
    }
}
