//! Registrations that are stored already, which complete check-ins and payments.

use std::collections::HashMap;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::store::{
    database::{Store, statement},
    error::StoreError,
};

const REGISTRATIONS: &str = include_str!("registrations.sql");

/// What a registration tells of the facts that follow it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Registration {
    /// `properties.registrationId`.
    pub id: String,
    /// The organization.
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
    /// Whether the registry gives its event to its tenant.
    pub is_registered: bool,
}

/// Registrations by their ids, which are the platform's UUIDs. Several tenants may claim the same:
/// anybody with a token can send a registration under any id.
#[derive(Debug, Default)]
pub struct Registrations(HashMap<String, Vec<Registration>>);

impl Registrations {
    /// The one registration of that id that fits the tenant and event, as far as they are known. A
    /// claim that the registry backs goes before one that it does not; between equal claims there
    /// is none, for we could not tell whose check-in it is.
    pub fn find(
        &self,
        id: &str,
        tenant_id: Option<Uuid>,
        event_id: Option<Uuid>,
    ) -> Option<&Registration> {
        let claims = self.0.get(id)?;
        let fits = |claim: &&Registration| {
            tenant_id.is_none_or(|tenant| tenant == claim.tenant_id)
                && (event_id.is_none() || event_id == claim.event_id)
        };
        let only = |claims: Vec<_>| {
            if let [claim] = claims[..] {
                Some(claim)
            } else {
                None
            }
        };
        let fitting = || claims.iter().filter(fits);
        let backed: Vec<_> = fitting().filter(|claim| claim.is_registered).collect();
        if backed.is_empty() {
            only(fitting().collect())
        } else {
            only(backed)
        }
    }
}

impl Store {
    /// Those of `ids` that are stored.
    ///
    /// # Errors
    /// When the database does not answer.
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

    fn claim(tenant: u128, event: u128, is_registered: bool) -> Registration {
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

    fn tenant_of(claims: &[Registration], event: Option<u128>) -> Option<u128> {
        let registrations = Registrations(HashMap::from([("r".into(), claims.to_vec())]));
        let fitting = registrations.find("r", None, event.map(Uuid::from_u128));
        fitting.map(|claim| claim.tenant_id.as_u128())
    }

    #[test]
    fn a_claim_that_the_registry_backs_goes_before_one_that_it_does_not() {
        assert_eq!(tenant_of(&[claim(1, 10, false)], None), Some(1));
        assert_eq!(
            tenant_of(&[claim(1, 10, false), claim(2, 20, true)], None),
            Some(2)
        );
    }

    #[test]
    fn the_event_decides_between_equal_claims_and_without_it_nobody_wins() {
        let claims = [claim(1, 10, true), claim(2, 20, true)];
        assert_eq!(tenant_of(&claims, Some(20)), Some(2));
        assert_eq!(tenant_of(&claims, Some(30)), None);
        assert_eq!(tenant_of(&claims, None), None);
    }
}
