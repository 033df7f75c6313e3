//! Ids that are derived from other data: the same each time, and adjacent in the index to those of other
//! facts of about the same time.

use analytics_shared::fact::Provenance;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The namespace of the ids in an [`IdScope`].
const NAMESPACE: &str = "analytics_service.fact_id";

/// The scope in which the ids of senders that are not trusted are unique: an id that they send never equals
/// one of the platform, of a service, or of another scope.
#[derive(Clone, Copy, Debug)]
pub struct IdScope {
    /// The tenant of the fact.
    pub tenant: Uuid,
    /// The ticketing event of the fact.
    pub event: Option<Uuid>,
    /// The reporter of the fact.
    pub provenance: Provenance,
    /// The tenant of the sender, if it has a token.
    pub sender_tenant: Option<Uuid>,
}

impl IdScope {
    /// Returns the id under which a fact with the id `sent` and this time is stored.
    pub fn derive(&self, sent: Uuid, time: DateTime<Utc>) -> Uuid {
        // All parts but the last have a fixed length.
        let hash = Sha256::new()
            .chain_update(NAMESPACE)
            .chain_update(self.tenant)
            .chain_update(self.event.unwrap_or_default())
            .chain_update(self.sender_tenant.unwrap_or_default())
            .chain_update(sent)
            .chain_update(self.provenance.name())
            .finalize();
        time_ordered(hash.into(), time)
    }
}

/// Returns an id of a hash and a time.
///
/// A UUIDv8 with the layout of a UUIDv7. Not a UUIDv7, because its bits are not random, and its milliseconds
/// are less precise than the fact's time, so that it cannot replace `createdAt` when the fact is sent again.
pub fn time_ordered(hash: [u8; 32], time: DateTime<Utc>) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    let milliseconds = u64::try_from(time.timestamp_millis()).unwrap_or_default();
    bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use uuid::Version;

    use super::*;

    fn scope() -> impl Strategy<Value = IdScope> {
        let id = || (0..3_u128).prop_map(Uuid::from_u128);
        let provenance = prop::sample::select(vec![Provenance::User, Provenance::Untrusted]);
        (
            id(),
            prop::option::of(id()),
            provenance,
            prop::option::of(id()),
        )
            .prop_map(|(tenant, event, provenance, sender_tenant)| IdScope {
                // Distinct from the absent id.
                tenant: Uuid::from_u128(tenant.as_u128() + 10),
                event: event.map(|id| Uuid::from_u128(id.as_u128() + 20)),
                provenance,
                sender_tenant: sender_tenant.map(|id| Uuid::from_u128(id.as_u128() + 30)),
            })
    }

    #[test]
    fn every_part_of_the_scope_and_the_sent_id_change_the_stored_id() {
        let one = IdScope {
            tenant: Uuid::from_u128(1),
            event: Some(Uuid::from_u128(2)),
            provenance: Provenance::User,
            sender_tenant: Some(Uuid::from_u128(1)),
        };
        let other = Some(Uuid::from_u128(3));
        let scopes = [
            one,
            IdScope {
                tenant: Uuid::from_u128(3),
                ..one
            },
            IdScope {
                event: other,
                ..one
            },
            IdScope { event: None, ..one },
            IdScope {
                provenance: Provenance::Untrusted,
                ..one
            },
            IdScope {
                sender_tenant: other,
                ..one
            },
            IdScope {
                sender_tenant: None,
                ..one
            },
        ];
        let time = "2026-11-23T12:00:00Z".parse().unwrap();
        let ids = [Uuid::from_u128(7), Uuid::from_u128(8)];
        let stored = scopes
            .iter()
            .flat_map(|scope| ids.map(|id| scope.derive(id, time)));
        assert_eq!(stored.collect::<HashSet<_>>().len(), 14);
    }

    proptest! {
        #[test]
        fn a_derived_id_is_the_same_each_time_and_is_none_that_the_platform_uses(
            scope in scope(), sent: u128, millis in 0..4_000_000_000_000_i64,
        ) {
            let time = DateTime::from_timestamp_millis(millis).unwrap();
            let stored = scope.derive(Uuid::from_u128(sent), time);
            prop_assert_eq!(stored, scope.derive(Uuid::from_u128(sent), time));
            // The platform's are of version 5, those of services usually of version 4 or 7.
            prop_assert_eq!(stored.get_version(), Some(Version::Custom));
            prop_assert_eq!(&stored.as_bytes()[..6], &u64::try_from(millis).unwrap().to_be_bytes()[2..]);
        }
    }
}
