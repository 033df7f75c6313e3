//! The admission of a request.

use std::num::NonZeroU32;

use poem::{FromRequest, Request, RequestBody, Result};
use uuid::Uuid;

use super::{buckets::Charge, limits::RateLimits, network::ClientNetwork};
use crate::problem::Problem;

/// The buckets that a request is charged to: none for a caller with the role `SERVICE`.
#[derive(Clone)]
pub struct Admission {
    limits: RateLimits,
    network: Option<ClientNetwork>,
    tenant: Option<Uuid>,
    write_key: Option<(String, NonZeroU32)>,
}

impl Admission {
    /// Admits a request of `network`, and with a token of `tenant`.
    ///
    /// # Errors
    /// 429 if one of their buckets is empty.
    pub(super) fn new(
        limits: RateLimits,
        network: Option<ClientNetwork>,
        tenant: Option<Uuid>,
    ) -> Result<Self, Problem> {
        let admission = Self {
            limits,
            network,
            tenant,
            write_key: None,
        };
        admission.charge(Charge::REQUEST)?;
        Ok(admission)
    }

    /// The admission of a caller without limits.
    pub(super) fn unlimited(limits: RateLimits) -> Self {
        Self {
            limits,
            network: None,
            tenant: None,
            write_key: None,
        }
    }

    /// Admits the request also by its write key, which is limited to facts per minute.
    ///
    /// # Errors
    /// 429 if the bucket of the key is empty.
    pub fn with_write_key(mut self, id: &str, per_minute: NonZeroU32) -> Result<Self, Problem> {
        let key = (id.to_owned(), per_minute);
        self.limits.charge_write_key(&key, Charge::REQUEST)?;
        self.write_key = Some(key);
        Ok(self)
    }

    /// Charges all buckets of the request for the facts of a batch beyond the first, for which the request
    /// was charged.
    ///
    /// # Errors
    /// 429 if a bucket has too few tokens.
    pub fn charge_facts(&self, facts: usize) -> Result<(), Problem> {
        let charge = Charge::of_facts(u32::try_from(facts).unwrap_or(u32::MAX));
        self.charge(charge)?;
        if let Some(key) = &self.write_key {
            self.limits.charge_write_key(key, charge)?;
        }
        Ok(())
    }

    fn charge(&self, charge: Charge) -> Result<(), Problem> {
        if let Some(network) = self.network {
            self.limits.charge_address(network, charge)?;
        }
        if let Some(tenant) = self.tenant {
            self.limits.charge_tenant(tenant, charge)?;
        }
        Ok(())
    }
}

impl<'a> FromRequest<'a> for Admission {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let admission = request.data::<Self>().cloned();
        admission.ok_or_else(|| {
            tracing::error!("the route has no rate limits");
            Problem::internal().into()
        })
    }
}
