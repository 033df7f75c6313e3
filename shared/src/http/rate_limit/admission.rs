//! The admission of a request.

use std::num::NonZeroU32;

use poem::{FromRequest, Request, RequestBody, Result};
use uuid::Uuid;

use super::{buckets::Charge, limits::RateLimits, network::ClientNetwork};
use crate::problem::Problem;

/// The buckets that a request is charged to: none for a caller with the role `SERVICE`.
#[derive(Clone)]
pub struct Admission {
    limits: Option<RateLimits>,
    network: Option<ClientNetwork>,
    tenant: Option<Uuid>,
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
            limits: Some(limits),
            network,
            tenant,
        };
        admission.charge(Charge::REQUEST)?;
        Ok(admission)
    }

    /// The admission of a caller without limits.
    pub(super) fn unlimited() -> Self {
        Self {
            limits: None,
            network: None,
            tenant: None,
        }
    }

    /// Charges the bucket of a write key, which is limited to facts per minute.
    ///
    /// # Errors
    /// 429 if the bucket has too few tokens.
    pub fn charge_write_key(
        &self,
        id: &str,
        per_minute: NonZeroU32,
        charge: Charge,
    ) -> Result<(), Problem> {
        match &self.limits {
            Some(limits) => limits.charge_write_key(&(id.to_owned(), per_minute), charge),
            None => Ok(()),
        }
    }

    /// Charges the buckets of the client and of the tenant.
    ///
    /// # Errors
    /// 429 if a bucket has too few tokens.
    pub fn charge(&self, charge: Charge) -> Result<(), Problem> {
        let Some(limits) = &self.limits else {
            return Ok(());
        };
        if let Some(network) = self.network {
            limits.charge_address(network, charge)?;
        }
        if let Some(tenant) = self.tenant {
            limits.charge_tenant(tenant, charge)?;
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
