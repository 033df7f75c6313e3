//! What a file tells: checked where it is read, and begun where the tenant of its event is known.

use std::collections::{HashMap, HashSet};

use analytics_shared::{
    clock::stored_precision,
    fact::{Fact, Provenance},
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Draft, Enricher, Flag, Occurrences, Refusal, complete, robot, tenant};
use crate::store::StoreError;

/// What a row of a file says happened, if nothing is wrong with it by itself.
#[derive(Debug)]
pub struct Checked(Draft);

/// Whose the facts are that a file tells.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// The tenants of registered events.
    pub registered: HashMap<Uuid, Uuid>,
    /// The tenant of what names none and happened at no registered event.
    pub otherwise: Option<Uuid>,
}

impl Checked {
    /// Checks what a row says.
    ///
    /// # Errors
    /// When it can be taken from nobody.
    pub fn new(mut draft: Draft) -> Result<Self, Refusal> {
        draft.check()?;
        if draft.claimed.created_at.is_none() && draft.claimed.id.is_none() {
            let message = "is needed unless `id` is a UUIDv7: what is imported did not happen now";
            return Err(Refusal::invalid("createdAt", message));
        }
        Ok(Self(draft))
    }

    /// The ticketing event, if named.
    #[must_use]
    pub fn event_id(&self) -> Option<Uuid> {
        self.0.event_id
    }

    /// The fact, but for what its registration tells, and why it is left out of all figures.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub fn begin(
        self,
        owners: &Owners,
        occurrences: &mut Occurrences,
        now: DateTime<Utc>,
    ) -> Result<(Fact, Option<Flag>), Refusal> {
        let mut draft = self.0;
        let registered = draft
            .event_id
            .and_then(|event| owners.registered.get(&event));
        let tenant = tenant::imported(registered.copied(), draft.tenant_id, owners.otherwise)?;
        let flag = robot::mark(&draft.event_type, &mut draft.properties, None);
        let time = draft.claimed.created_at.map(stored_precision);
        if let (None, Some(time), false) = (draft.claimed.id, time, happens_once(&draft)) {
            draft.claimed.id = Some(occurrences.next_id(&draft, tenant, time));
        }
        Ok((
            complete::begin(draft, tenant, Provenance::Service, now)?,
            flag,
        ))
    }
}

/// Whether its registration or payment makes it the same whoever tells it.
fn happens_once(draft: &Draft) -> bool {
    let subject = draft.event_type.dedup_property();
    let subject = subject.and_then(|name| draft.properties.get(name));
    subject.and_then(Value::as_str).is_some()
}

impl Enricher {
    /// The tenants of those of `events` that are registered.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn registered_tenants(
        &self,
        events: HashSet<Uuid>,
    ) -> Result<HashMap<Uuid, Uuid>, StoreError> {
        let (mut tenants, mut unknown) = (HashMap::new(), Vec::new());
        for event in events {
            match self.tenants.get(&event).await {
                Some(tenant) => drop(tenants.insert(event, tenant)),
                None => unknown.push(event),
            }
        }
        if !unknown.is_empty() {
            let found = self.owners.get(unknown.clone()).await?;
            for event in unknown {
                if let Some(&tenant) = found.get(&event) {
                    self.tenants.insert(event, tenant).await;
                    tenants.insert(event, tenant);
                }
            }
        }
        Ok(tenants)
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{CHECKIN_COMPLETED, PAGE_VIEW};
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Version;

    use super::*;
    use crate::enrich::Claimed;

    const TENANT: Uuid = Uuid::from_u128(7);

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn draft(event_type: &str, claimed: Claimed, properties: &Value) -> Draft {
        Draft {
            event_type: event_type.parse().unwrap(),
            claimed,
            tenant_id: Some(TENANT),
            event_id: Some(Uuid::from_u128(1)),
            user_id: None,
            properties: properties.as_object().unwrap().clone(),
        }
    }

    fn at(time: DateTime<Utc>) -> Claimed {
        Claimed {
            id: None,
            created_at: Some(time),
        }
    }

    fn ids(drafts: impl IntoIterator<Item = Draft>) -> Vec<Uuid> {
        let mut occurrences = Occurrences::default();
        let begun = drafts.into_iter().map(|draft| {
            let checked = Checked::new(draft).unwrap();
            let begun = checked.begin(&Owners::default(), &mut occurrences, now());
            begun.unwrap().0.id
        });
        begun.collect()
    }

    fn view(seconds_ago: i64, visitor: u8) -> Draft {
        let time = now() - chrono::TimeDelta::seconds(seconds_ago);
        draft(
            PAGE_VIEW,
            at(time),
            &json!({"visitorId": visitor.to_string()}),
        )
    }

    #[test]
    fn a_row_without_a_time_is_refused() {
        let nothing = draft(PAGE_VIEW, Claimed::default(), &json!({}));
        assert!(matches!(
            Checked::new(nothing),
            Err(Refusal::Invalid { field, .. }) if field == "createdAt"
        ));
    }

    #[test]
    fn equal_rows_of_a_file_are_different_facts_and_the_same_when_it_is_read_again() {
        let file = || [view(1, 1), view(1, 2), view(1, 1), view(2, 1), view(1, 1)];
        let first = ids(file());
        assert_eq!(first.iter().collect::<HashSet<_>>().len(), first.len());
        assert_eq!(ids(file()), first);
        // In another file the row that both tell is the same fact.
        assert_eq!(ids([view(1, 2)]), [first[1]]);
    }

    #[test]
    fn what_is_dropped_makes_no_difference() {
        let said = |email: &str| draft(PAGE_VIEW, at(now()), &json!({"email": email}));
        assert_eq!(ids([said("a@b.c")]), ids([said("d@e.f")]));
    }

    #[test]
    fn a_lifecycle_fact_has_the_id_that_it_has_by_any_way() {
        let checkin = |registration: &str| {
            let properties = json!({"registrationId": registration});
            draft(CHECKIN_COMPLETED, at(now()), &properties)
        };
        let [first, again, other] = ids([checkin("r"), checkin("r"), checkin("s")])[..] else {
            panic!("three ids");
        };
        assert_eq!(first, again);
        assert_ne!(first, other);
    }

    proptest! {
        #[test]
        fn made_ids_are_in_the_order_of_their_times(seconds in prop::collection::vec(0..1_000_000_i64, 2..20)) {
            let ids = ids(seconds.iter().map(|&ago| view(ago, 0)));
            for (a, b) in ids.iter().zip(&seconds).zip(ids.iter().zip(&seconds).skip(1)) {
                let ((first, ago), (second, then)) = (a, b);
                prop_assert_eq!(first.get_version(), Some(Version::Custom));
                prop_assert!(ago == then || (ago > then) == (first < second));
            }
        }
    }
}
