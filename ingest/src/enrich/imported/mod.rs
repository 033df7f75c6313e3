//! Rows of imported files: validated where they are parsed, and assembled once the tenants of their
//! events are known.

pub mod occurrence;

use std::collections::HashMap;

use analytics_shared::{
    clock::stored_precision,
    fact::{Fact, Provenance},
};
use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use super::{
    assembly::assemble,
    bot::{self, BotSignal},
    error::FactError,
    incoming_fact::IncomingFact,
    sender::tenant,
};
use occurrence::Occurrences;

/// A row without an error of its own.
#[derive(Debug)]
pub struct ValidatedRow(IncomingFact);

/// The tenants of imported facts.
#[derive(Clone, Debug, Default)]
pub struct TenantLookup {
    /// The tenants of registered events.
    pub registered: HashMap<Uuid, Uuid>,
    /// The tenant of rows that name none and have no registered event.
    pub default: Option<Uuid>,
}

impl ValidatedRow {
    /// Validates the data of a row.
    pub fn new(mut incoming: IncomingFact) -> Result<Self, FactError> {
        incoming.normalize()?.count();
        if incoming.identity.created_at.is_none() && incoming.identity.id.is_none() {
            let message = "is required unless `id` is a UUIDv7: imported facts are of the past";
            return Err(FactError::invalid("createdAt", message));
        }
        Ok(Self(incoming))
    }

    /// The ticketing event, if named.
    pub fn event_id(&self) -> Option<Uuid> {
        self.0.event_id
    }

    /// The id and time, if the row has both and the time may be only a part of that of the fact: it has no
    /// microseconds.
    pub fn shown_time(&self) -> Option<(Uuid, DateTime<Utc>)> {
        let (id, time) = (self.0.identity.id?, self.0.identity.created_at?);
        (time == time.trunc_subsecs(3)).then_some((id, time))
    }

    /// Replaces the time.
    pub fn set_time(&mut self, time: DateTime<Utc>) {
        self.0.identity.created_at = Some(time);
    }

    /// Assembles the fact without the data of its registration, and returns the reason why it is
    /// excluded from all figures, if it is.
    pub fn assemble(
        self,
        tenants: &TenantLookup,
        occurrences: &mut Occurrences,
        now: DateTime<Utc>,
    ) -> Result<(Fact, Option<BotSignal>), FactError> {
        let mut incoming = self.0;
        let registered = incoming.event_id.and_then(|id| tenants.registered.get(&id));
        let tenant = tenant::of_row(registered.copied(), incoming.tenant_id, tenants.default)?;
        let signal = bot::mark(&incoming.event_type, &mut incoming.properties, None);
        let time = incoming.identity.created_at.map(stored_precision);
        // A lifecycle fact has the same id from every source.
        let is_lifecycle = incoming.dedup_key().is_some();
        if let (None, Some(time), false) = (incoming.identity.id, time, is_lifecycle) {
            incoming.identity.id = Some(occurrences.next_id(&incoming, tenant, time));
        }
        let fact = assemble(incoming, tenant, Provenance::Service, now)?;
        Ok((fact, signal))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use analytics_shared::event_type::{CHECKIN_COMPLETED, PAGE_VIEW};
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Version;

    use super::*;
    use crate::enrich::incoming_fact::ClientIdentity;

    const TENANT: Uuid = Uuid::from_u128(7);

    fn now() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn incoming(event_type: &str, identity: ClientIdentity, properties: &Value) -> IncomingFact {
        IncomingFact {
            event_type: event_type.parse().unwrap(),
            identity,
            tenant_id: Some(TENANT),
            event_id: Some(Uuid::from_u128(1)),
            user_id: None,
            properties: properties.as_object().unwrap().clone(),
        }
    }

    fn at(time: DateTime<Utc>) -> ClientIdentity {
        ClientIdentity {
            id: None,
            created_at: Some(time),
        }
    }

    fn ids(rows: impl IntoIterator<Item = IncomingFact>) -> Vec<Uuid> {
        let mut occurrences = Occurrences::default();
        let ids = rows.into_iter().map(|row| {
            let validated = ValidatedRow::new(row).unwrap();
            let assembled = validated.assemble(&TenantLookup::default(), &mut occurrences, now());
            assembled.unwrap().0.id
        });
        ids.collect()
    }

    fn view(seconds_ago: i64, visitor: u8) -> IncomingFact {
        let time = now() - chrono::TimeDelta::seconds(seconds_ago);
        incoming(
            PAGE_VIEW,
            at(time),
            &json!({"visitorId": visitor.to_string()}),
        )
    }

    #[test]
    fn a_row_without_a_time_is_rejected() {
        let row = incoming(PAGE_VIEW, ClientIdentity::default(), &json!({}));
        assert!(matches!(
            ValidatedRow::new(row),
            Err(FactError::Invalid { field, .. }) if field == "createdAt"
        ));
    }

    #[test]
    fn equal_rows_of_a_file_are_different_facts_and_the_same_when_it_is_read_again() {
        let file = || [view(1, 1), view(1, 2), view(1, 1), view(2, 1), view(1, 1)];
        let first = ids(file());
        assert_eq!(first.iter().collect::<HashSet<_>>().len(), first.len());
        assert_eq!(ids(file()), first);
        // A row that another file repeats is the same fact.
        assert_eq!(ids([view(1, 2)]), [first[1]]);
    }

    #[test]
    fn dropped_properties_do_not_change_the_id() {
        let row = |email: &str| incoming(PAGE_VIEW, at(now()), &json!({"email": email}));
        assert_eq!(ids([row("a@b.c")]), ids([row("d@e.f")]));
    }

    #[test]
    fn a_lifecycle_fact_has_the_same_id_from_every_source() {
        let checkin = |registration: &str| {
            let properties = json!({"registrationId": registration});
            incoming(CHECKIN_COMPLETED, at(now()), &properties)
        };
        let [first, again, other] = ids([checkin("r"), checkin("r"), checkin("s")])[..] else {
            panic!("three ids");
        };
        assert_eq!(first, again);
        assert_ne!(first, other);
    }

    proptest! {
        #[test]
        fn generated_ids_are_in_the_order_of_their_times(seconds in prop::collection::vec(0..1_000_000_i64, 2..20)) {
            let ids = ids(seconds.iter().map(|&ago| view(ago, 0)));
            for (a, b) in ids.iter().zip(&seconds).zip(ids.iter().zip(&seconds).skip(1)) {
                let ((first, ago), (second, then)) = (a, b);
                prop_assert_eq!(first.get_version(), Some(Version::Custom));
                prop_assert!(ago == then || (ago > then) == (first < second));
            }
        }
    }
}
