//! The look-up of stored registrations, which complete check-ins and payments.

use std::collections::HashMap;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::store::{
    database::{Store, statement},
    error::StoreError,
};

const REGISTRATIONS: &str = include_str!("registrations.sql");

/// The data of a registration that complete its check-ins and payments.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Registration {
    /// `properties.registrationId`.
    pub id: String,
    /// The tenant.
    pub tenant_id: Uuid,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The attendee.
    pub user_id: Option<Uuid>,
    /// `properties.ticketTypeId`.
    pub ticket_type_id: Option<String>,
    /// `properties.ticketTypeName`.
    pub ticket_type_name: Option<String>,
    /// `properties.source`.
    pub source: Option<String>,
    /// Whether its event is registered by its tenant.
    pub is_registered: bool,
}

/// Registrations by their ids, which are UUIDs of the platform. Several tenants may have one with the same id,
/// because any caller with a token can send a registration with any id.
#[derive(Debug, Default)]
pub struct Registrations(HashMap<String, Vec<Registration>>);

impl Registrations {
    /// Returns the registration with this id that matches the tenant and event, as far as they are known.
    /// Registrations of registered events take precedence. Returns `None` if several match equally: the
    /// parent would be ambiguous.
    pub fn find(
        &self,
        id: &str,
        tenant_id: Option<Uuid>,
        event_id: Option<Uuid>,
    ) -> Option<&Registration> {
        let candidates = self.0.get(id)?;
        let matches = |candidate: &&Registration| {
            tenant_id.is_none_or(|tenant| tenant == candidate.tenant_id)
                && (event_id.is_none() || event_id == candidate.event_id)
        };
        let mut matching: Vec<_> = candidates.iter().filter(matches).collect();
        if matching.iter().any(|candidate| candidate.is_registered) {
            matching.retain(|candidate| candidate.is_registered);
        }
        matching.pop().filter(|_| matching.is_empty())
    }
}

impl Store {
    /// Returns the stored registrations among `ids`.
    pub async fn registrations(&self, ids: Vec<String>) -> Result<Registrations, StoreError> {
        if ids.is_empty() {
            return Ok(Registrations::default());
        }
        let lookup = Registration::find_by_statement(statement(REGISTRATIONS, [ids.into()]));
        let found = self.availability.guard(lookup.all(&self.database)).await?;
        let mut by_id: HashMap<String, Vec<Registration>> = HashMap::new();
        for registration in found {
            by_id
                .entry(registration.id.clone())
                .or_default()
                .push(registration);
        }
        Ok(Registrations(by_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(tenant: u128, event: u128, is_registered: bool) -> Registration {
        Registration {
            id: "r".into(),
            tenant_id: Uuid::from_u128(tenant),
            event_id: Some(Uuid::from_u128(event)),
            user_id: None,
            ticket_type_id: None,
            ticket_type_name: None,
            source: None,
            is_registered,
        }
    }

    fn tenant_of(known: &[Registration], event: Option<u128>) -> Option<u128> {
        let registrations = Registrations(HashMap::from([("r".into(), known.to_vec())]));
        let found = registrations.find("r", None, event.map(Uuid::from_u128));
        found.map(|found| found.tenant_id.as_u128())
    }

    #[test]
    fn a_registration_of_a_registered_event_takes_precedence() {
        assert_eq!(tenant_of(&[registration(1, 10, false)], None), Some(1));
        assert_eq!(
            tenant_of(
                &[registration(1, 10, false), registration(2, 20, true)],
                None
            ),
            Some(2)
        );
    }

    #[test]
    fn the_event_decides_between_equal_registrations_and_without_it_none_matches() {
        let known = [registration(1, 10, true), registration(2, 20, true)];
        assert_eq!(tenant_of(&known, Some(20)), Some(2));
        assert_eq!(tenant_of(&known, Some(30)), None);
        assert_eq!(tenant_of(&known, None), None);
    }
}
