//! The id and the time of a fact: together they make it come once, however often it is sent.

use analytics_shared::{clock::stored_precision, event_type::EventType};
use chrono::{DateTime, Months, SubsecRound, TimeDelta, Utc};
use uuid::{Timestamp, Uuid, Version};

use super::Refusal;

/// How far a producer's clock may run ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// How long facts are kept.
const RETENTION: Months = Months::new(12);
/// The namespace of ids that are made from what happened (RFC 9562, UUIDv5).
const LIFECYCLE: Uuid = Uuid::from_u128(0x6a1f_54c0_7d3e_5b8e_9c42_2f0e_8d71_b6a3);

/// What a producer said of a fact's id and time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claimed {
    /// The id that it gave.
    pub id: Option<Uuid>,
    /// The time that it gave.
    pub created_at: Option<DateTime<Utc>>,
}

/// The identity of a fact of `tenant`; `subject` is the registration or payment of a lifecycle fact.
///
/// # Errors
/// When the time is missing where it must not be, too far ahead, or older than facts are kept.
pub fn identity(
    claimed: Claimed,
    event_type: &EventType,
    tenant: Uuid,
    subject: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(Uuid, DateTime<Utc>), Refusal> {
    let created_at = match (claimed.created_at, claimed.id) {
        (Some(time), _) => time,
        (None, Some(id)) => time_of(id).ok_or_else(|| {
            Refusal::invalid("id", "must be a UUIDv7 unless `createdAt` is given: a fact that is sent again needs the same time")
        })?,
        // To the millisecond, which is what the id that we make can tell again.
        (None, None) => now.trunc_subsecs(3),
    };
    let created_at = stored_precision(created_at);
    if created_at > now + AHEAD {
        return Err(Refusal::invalid(
            "createdAt",
            "lies more than 5 minutes in the future",
        ));
    }
    if created_at < now - RETENTION {
        return Err(Refusal::invalid(
            "createdAt",
            "is older than the year that facts are kept",
        ));
    }
    let id = claimed.id.unwrap_or_else(|| match subject {
        Some(subject) => Uuid::new_v5(
            &LIFECYCLE,
            format!("{tenant}/{event_type}/{subject}").as_bytes(),
        ),
        None => new_id(created_at),
    });
    Ok((id, created_at))
}

/// The time in a UUIDv7, in milliseconds.
fn time_of(id: Uuid) -> Option<DateTime<Utc>> {
    if id.get_version() != Some(Version::SortRand) {
        return None;
    }
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

/// A UUIDv7 of that time: neighbours in time are neighbours in the index.
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

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn view(claimed: Claimed) -> Result<(Uuid, DateTime<Utc>), Refusal> {
        let now = at("2026-11-23T12:00:00Z");
        identity(claimed, &PAGE_VIEW.parse().unwrap(), Uuid::nil(), None, now)
    }

    fn field(result: Result<(Uuid, DateTime<Utc>), Refusal>) -> String {
        match result.unwrap_err() {
            Refusal::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_uuidv7_brings_its_own_time() {
        let id = new_id(at("2026-11-22T08:30:00.123Z"));
        let (_, time) = view(Claimed {
            id: Some(id),
            created_at: None,
        })
        .unwrap();
        assert_eq!(time, at("2026-11-22T08:30:00.123Z"));
    }

    #[test]
    fn another_id_needs_a_time() {
        let id = Some(Uuid::from_u128(0x1234_5678_1234_4234_8234_1234_5678_1234));
        assert_eq!(
            field(view(Claimed {
                id,
                created_at: None
            })),
            "id"
        );
        assert!(
            view(Claimed {
                id,
                created_at: Some(at("2026-11-22T08:30:00Z"))
            })
            .is_ok()
        );
    }

    #[test]
    fn a_time_must_be_near_enough() {
        for (time, accepted) in [
            ("2026-11-23T12:05:00Z", true),
            ("2026-11-23T12:05:00.001Z", false),
            ("2025-11-23T12:00:00Z", true),
            ("2025-11-23T11:59:59Z", false),
        ] {
            let result = view(Claimed {
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
    fn an_id_that_we_made_is_enough_to_send_a_fact_again() {
        let now = at("2026-11-23T12:00:00.123456Z");
        let views =
            |claimed| identity(claimed, &PAGE_VIEW.parse().unwrap(), Uuid::nil(), None, now);
        let (id, time) = views(Claimed::default()).unwrap();
        assert_eq!(
            views(Claimed {
                id: Some(id),
                created_at: None
            })
            .unwrap(),
            (id, time)
        );
    }

    #[test]
    fn a_lifecycle_fact_has_the_same_id_whenever_it_is_told() {
        let (completed, tenant) = (REGISTRATION_COMPLETED.parse().unwrap(), Uuid::from_u128(7));
        let told = |time| {
            let claimed = Claimed {
                id: None,
                created_at: Some(time),
            };
            identity(
                claimed,
                &completed,
                tenant,
                Some("r1"),
                at("2026-11-23T12:00:00Z"),
            )
            .unwrap()
            .0
        };
        assert_eq!(
            told(at("2026-11-20T00:00:00Z")),
            told(at("2026-11-21T00:00:00Z"))
        );
    }

    #[test]
    fn a_time_is_cut_to_what_the_database_keeps() {
        let claimed = Claimed {
            id: None,
            created_at: Some(at("2026-11-20T00:00:00.123456789Z")),
        };
        assert_eq!(view(claimed).unwrap().1, at("2026-11-20T00:00:00.123456Z"));
    }
}
