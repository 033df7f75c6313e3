//! The identity of a fact: its id and time, by which it is stored once, however often it is sent.

pub mod derived;

use analytics_shared::{clock::stored_precision, fact::RETENTION};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::{Timestamp, Uuid, Version};

use super::{
    error::FactError,
    incoming_fact::{ClientIdentity, IncomingFact},
};

/// The maximum skew of a producer's clock.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
/// The namespace of the ids of lifecycle facts (RFC 9562, UUIDv5).
const LIFECYCLE_NAMESPACE: Uuid = Uuid::from_u128(0x6a1f_54c0_7d3e_5b8e_9c42_2f0e_8d71_b6a3);

/// Returns the time of a fact. Fails if the time is missing beside an id that does not contain it, too far
/// ahead, or older than the retention period.
pub fn time(identity: &ClientIdentity, now: DateTime<Utc>) -> Result<DateTime<Utc>, FactError> {
    let created_at = match (identity.created_at, identity.id) {
        (Some(time), _) => time,
        (None, Some(id)) => time_of(id).ok_or_else(|| {
            let message = "must be a UUIDv7 unless `createdAt` is set: a fact that is sent again needs the same time";
            FactError::invalid("id", message)
        })?,
        // To the millisecond, the precision of the UUIDv7.
        (None, None) => now.trunc_subsecs(3),
    };
    let created_at = stored_precision(created_at);
    let invalid_time = |message: &str| Err(FactError::invalid("createdAt", message));
    if created_at > now + MAX_CLOCK_SKEW {
        return invalid_time("is more than 5 minutes in the future");
    }
    if created_at < now - RETENTION {
        return invalid_time("is older than the retention period of one year");
    }
    Ok(created_at)
}

/// Returns the id of a fact of `tenant` and this time: the one that is sent, that of a lifecycle fact, which
/// is the same from every source, or a new one.
pub fn id(incoming: &IncomingFact, tenant: Uuid, created_at: DateTime<Utc>) -> Uuid {
    let event_type = &incoming.event_type;
    let lifecycle_id = |key| {
        let name = format!("{tenant}/{event_type}/{key}");
        Uuid::new_v5(&LIFECYCLE_NAMESPACE, name.as_bytes())
    };
    (incoming.identity.id)
        .or_else(|| incoming.dedup_key().map(lifecycle_id))
        .unwrap_or_else(|| new_id(created_at))
}

/// Sets the id of a fact that has a time and no id, unless it is that of a lifecycle fact.
pub fn set_id(incoming: &mut IncomingFact) {
    let is_lifecycle = incoming.dedup_key().is_some();
    let identity = &mut incoming.identity;
    if let (None, Some(time), false) = (identity.id, identity.created_at, is_lifecycle) {
        identity.id = Some(new_id(time));
    }
}

/// The time in a UUIDv7, in milliseconds.
fn time_of(id: Uuid) -> Option<DateTime<Utc>> {
    if id.get_version() != Some(Version::SortRand) {
        return None;
    }
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

/// A UUIDv7 of this time, so that facts of about the same time are adjacent in the index.
fn new_id(time: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(time.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(
        uuid::NoContext,
        seconds,
        time.timestamp_subsec_nanos(),
    ))
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{PAGE_VIEW, REGISTRATION_COMPLETED};
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn incoming(event_type: &str, identity: ClientIdentity, properties: &Value) -> IncomingFact {
        IncomingFact {
            event_type: event_type.parse().unwrap(),
            identity,
            tenant_id: None,
            event_id: None,
            user_id: None,
            properties: properties.as_object().unwrap().clone(),
        }
    }

    fn resolve(
        incoming: &IncomingFact,
        tenant: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(Uuid, DateTime<Utc>), FactError> {
        let created_at = time(&incoming.identity, now)?;
        Ok((id(incoming, tenant, created_at), created_at))
    }

    fn view_at(
        now: DateTime<Utc>,
        identity: ClientIdentity,
    ) -> Result<(Uuid, DateTime<Utc>), FactError> {
        resolve(&incoming(PAGE_VIEW, identity, &json!({})), Uuid::nil(), now)
    }

    fn view(identity: ClientIdentity) -> Result<(Uuid, DateTime<Utc>), FactError> {
        view_at(at("2026-11-23T12:00:00Z"), identity)
    }

    fn field(result: Result<(Uuid, DateTime<Utc>), FactError>) -> String {
        match result.unwrap_err() {
            FactError::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_uuidv7_contains_its_time() {
        let id = new_id(at("2026-11-22T08:30:00.123Z"));
        let (_, time) = view(ClientIdentity {
            id: Some(id),
            created_at: None,
        })
        .unwrap();
        assert_eq!(time, at("2026-11-22T08:30:00.123Z"));
    }

    #[test]
    fn another_id_needs_a_time() {
        let id = Some(Uuid::from_u128(0x1234_5678_1234_4234_8234_1234_5678_1234));
        let without = ClientIdentity {
            id,
            created_at: None,
        };
        assert_eq!(field(view(without)), "id");
        let created_at = Some(at("2026-11-22T08:30:00Z"));
        assert!(view(ClientIdentity { id, created_at }).is_ok());
    }

    #[test]
    fn a_time_must_be_near_enough() {
        for (time, accepted) in [
            ("2026-11-23T12:05:00Z", true),
            ("2026-11-23T12:05:00.001Z", false),
            ("2025-11-23T12:00:00Z", true),
            ("2025-11-23T11:59:59Z", false),
        ] {
            let result = view(ClientIdentity {
                id: None,
                created_at: Some(at(time)),
            });
            assert_eq!(result.is_ok(), accepted, "{time}");
            if !accepted {
                assert_eq!(field(result), "createdAt");
            }
        }
    }

    #[test]
    fn a_generated_id_is_enough_to_send_a_fact_again() {
        let now = at("2026-11-23T12:00:00.123456Z");
        let (id, time) = view_at(now, ClientIdentity::default()).unwrap();
        let again = ClientIdentity {
            id: Some(id),
            created_at: None,
        };
        assert_eq!(view_at(now, again).unwrap(), (id, time));
    }

    #[test]
    fn a_lifecycle_fact_has_the_same_id_at_any_time() {
        let tenant = Uuid::from_u128(7);
        let id = |time| {
            let identity = ClientIdentity {
                id: None,
                created_at: Some(at(time)),
            };
            let properties = json!({"registrationId": "r1"});
            let fact = incoming(REGISTRATION_COMPLETED, identity, &properties);
            resolve(&fact, tenant, at("2026-11-23T12:00:00Z"))
                .unwrap()
                .0
        };
        assert_eq!(id("2026-11-20T00:00:00Z"), id("2026-11-21T00:00:00Z"));
    }

    #[test]
    fn a_time_is_truncated_to_the_precision_of_the_database() {
        let identity = ClientIdentity {
            id: None,
            created_at: Some(at("2026-11-20T00:00:00.123456789Z")),
        };
        assert_eq!(view(identity).unwrap().1, at("2026-11-20T00:00:00.123456Z"));
    }
}
