//! The rate limits of a process.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use governor::Quota;
use poem::Request;
use uuid::Uuid;

use super::{
    buckets::{Buckets, Charge},
    dimension::Dimension,
    network::ClientNetwork,
};
use crate::{
    http::trusted_proxies::{ClientAddress, TrustedProxies, is_forwarded},
    problem::Problem,
};

/// The rate limits of a process, which shares no bucket with other processes.
#[derive(Clone)]
pub struct RateLimits(Arc<Limits>);

struct Limits {
    proxies: TrustedProxies,
    has_warned: AtomicBool,
    per_address: Quota,
    addresses: Buckets<ClientNetwork>,
    /// `None` where tenants are not limited.
    per_tenant: Option<Quota>,
    tenants: Buckets<Uuid>,
    /// By id and limit: the limit is an attribute of the key.
    write_keys: Buckets<(String, NonZeroU32)>,
}

impl RateLimits {
    /// Limits in requests and facts per minute; the addresses of clients are those behind `proxies`.
    #[must_use]
    pub fn new(
        proxies: TrustedProxies,
        per_address: NonZeroU32,
        per_tenant: Option<NonZeroU32>,
    ) -> Self {
        Dimension::register_metrics();
        Self(Arc::new(Limits {
            proxies,
            has_warned: AtomicBool::new(false),
            per_address: Quota::per_minute(per_address),
            addresses: Buckets::default(),
            per_tenant: per_tenant.map(Quota::per_minute),
            tenants: Buckets::default(),
            write_keys: Buckets::default(),
        }))
    }

    /// Returns the address of the client of a request, if its peer has one.
    pub(super) fn client_address(&self, request: &Request) -> Option<ClientAddress> {
        let peer = request.remote_addr().as_socket_addr()?.ip();
        let is_trusted = self.0.proxies.contains(peer);
        if !is_trusted && is_forwarded(request.headers()) {
            self.warn_of_unknown_proxy();
        }
        let address = self.0.proxies.client_address(peer, request.headers());
        Some(ClientAddress(address))
    }

    /// Once: a client that forges the header must not fill the log.
    fn warn_of_unknown_proxy(&self) {
        if !self.0.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a request was forwarded by a proxy outside of TRUSTED_PROXIES: all clients of such a proxy \
                 share one address, and with it one rate limit and, without a token, one visitor"
            );
        }
    }

    /// # Errors
    /// 429 if the bucket of the network has too few tokens.
    pub(super) fn charge_address(
        &self,
        network: ClientNetwork,
        charge: Charge,
    ) -> Result<(), Problem> {
        let Limits {
            addresses,
            per_address,
            ..
        } = &*self.0;
        let taken = addresses.take(network, *per_address, charge);
        taken.map_err(|wait| Dimension::Address.exceeded(*per_address, wait))
    }

    /// # Errors
    /// 429 if the bucket of the tenant has too few tokens.
    pub(super) fn charge_tenant(&self, tenant: Uuid, charge: Charge) -> Result<(), Problem> {
        let Some(quota) = self.0.per_tenant else {
            return Ok(());
        };
        let taken = self.0.tenants.take(tenant, quota, charge);
        taken.map_err(|wait| Dimension::Tenant.exceeded(quota, wait))
    }

    /// # Errors
    /// 429 if the bucket of the write key has too few tokens.
    pub(super) fn charge_write_key(
        &self,
        key: &(String, NonZeroU32),
        charge: Charge,
    ) -> Result<(), Problem> {
        let quota = Quota::per_minute(key.1);
        let taken = self.0.write_keys.take(key.clone(), quota, charge);
        taken.map_err(|wait| Dimension::WriteKey.exceeded(quota, wait))
    }
}
