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
    /// Whether only a user has reported it.
    pub is_claim: bool,
}

/// Registrations by their ids, which are UUIDs of the platform. A registration may be reported by the platform
/// or a service, and be claimed by users of several tenants.
#[derive(Debug, Default)]
pub struct Registrations(HashMap<String, Vec<Registration>>);

impl Registrations {
    /// Returns the registration with this id that matches the tenant and event, as far as they are known.
    /// Claims are accepted only on request, and only without a registration of the platform or a service.
    /// Returns `None` if several match: the parent would be ambiguous.
    pub fn find(
        &self,
        id: &str,
        tenant_id: Option<Uuid>,
        event_id: Option<Uuid>,
        accepts_claims: bool,
    ) -> Option<&Registration> {
        let matches = |candidate: &&Registration| {
            tenant_id.is_none_or(|tenant| tenant == candidate.tenant_id)
                && (event_id.is_none() || event_id == candidate.event_id)
        };
        let matching = || self.0.get(id).into_iter().flatten().filter(matches);
        let mut trusted = matching().filter(|candidate| !candidate.is_claim);
        if let Some(registration) = trusted.next() {
            return trusted.next().is_none().then_some(registration);
        }
        let mut claims = matching().filter(|_| accepts_claims);
        let claim = claims.next();
        claim.filter(|_| claims.next().is_none())
    }

    /// Returns whether users have claimed a registration with this id.
    pub fn has_claim(&self, id: &str) -> bool {
        let mut candidates = self.0.get(id).into_iter().flatten();
        candidates.any(|candidate| candidate.is_claim)
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

    fn registration(tenant: u128, event: u128, is_claim: bool) -> Registration {
        Registration {
            id: "r".into(),
            tenant_id: Uuid::from_u128(tenant),
            event_id: Some(Uuid::from_u128(event)),
            user_id: None,
            ticket_type_id: None,
            ticket_type_name: None,
            source: None,
            is_claim,
        }
    }

    fn tenant_of(
        known: &[Registration],
        event: Option<u128>,
        accepts_claims: bool,
    ) -> Option<u128> {
        let registrations = Registrations(HashMap::from([("r".into(), known.to_vec())]));
        let event = event.map(Uuid::from_u128);
        let found = registrations.find("r", None, event, accepts_claims);
        found.map(|found| found.tenant_id.as_u128())
    }

    #[test]
    fn a_claim_completes_only_facts_that_accept_claims() {
        let claim = [registration(1, 10, true)];
        assert_eq!(tenant_of(&claim, None, false), None);
        assert_eq!(tenant_of(&claim, None, true), Some(1));
        let two_claims = [registration(1, 10, true), registration(2, 20, true)];
        assert_eq!(tenant_of(&two_claims, None, true), None);
    }

    #[test]
    fn a_claim_never_hides_a_registration_of_the_platform() {
        let known = [registration(1, 10, true), registration(2, 10, false)];
        for accepts_claims in [false, true] {
            assert_eq!(tenant_of(&known, None, accepts_claims), Some(2));
            assert_eq!(tenant_of(&known, Some(10), accepts_claims), Some(2));
        }
    }

    #[test]
    fn the_event_decides_between_equal_registrations_and_without_it_none_matches() {
        let known = [registration(1, 10, false), registration(2, 20, false)];
        assert_eq!(tenant_of(&known, Some(20), false), Some(2));
        assert_eq!(tenant_of(&known, Some(30), false), None);
        assert_eq!(tenant_of(&known, None, false), None);
    }
}
