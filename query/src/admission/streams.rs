//! Limits on open streams of live metrics: each holds a connection for hours.

use analytics_shared::http::{ClientNetwork, KeyedLimiter, KeyedPermit};
use thiserror::Error;
use uuid::Uuid;

/// The hash of a token.
pub type TokenHash = [u8; 32];

/// Limits the open streams of each token, tenant and client address.
#[derive(Clone)]
pub struct StreamLimits {
    tokens: KeyedLimiter<TokenHash>,
    tenants: KeyedLimiter<Uuid>,
    addresses: KeyedLimiter<ClientNetwork>,
}

/// A stream that is refused, because as many are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StreamRefused {
    #[error("the token has {0} open streams, which is the limit")]
    Token(usize),
    #[error("the organization has {0} open streams, which is the limit")]
    Tenant(usize),
    #[error("the client address has {0} open streams, which is the limit")]
    Address(usize),
}

/// The permit of one stream, until it is dropped.
pub struct StreamPermit {
    _token: KeyedPermit<TokenHash>,
    _tenant: KeyedPermit<Uuid>,
    _address: KeyedPermit<ClientNetwork>,
}

impl StreamLimits {
    pub fn new(per_token: u32, per_tenant: u32, per_address: u32) -> Self {
        Self {
            tokens: KeyedLimiter::new(per_token),
            tenants: KeyedLimiter::new(per_tenant),
            addresses: KeyedLimiter::new(per_address),
        }
    }

    /// Acquires a permit without waiting.
    ///
    /// # Errors
    /// Fails if the token, the tenant or the address has as many streams as it may.
    pub fn acquire(
        &self,
        token: TokenHash,
        tenant_id: Uuid,
        address: ClientNetwork,
    ) -> Result<StreamPermit, StreamRefused> {
        let (tokens, tenants, addresses) = (&self.tokens, &self.tenants, &self.addresses);
        let token = tokens.try_acquire(token);
        let tenant = tenants.try_acquire(tenant_id);
        let address = addresses.try_acquire(address);
        Ok(StreamPermit {
            _token: token.ok_or(StreamRefused::Token(tokens.limit()))?,
            _tenant: tenant.ok_or(StreamRefused::Tenant(tenants.limit()))?,
            _address: address.ok_or(StreamRefused::Address(addresses.limit()))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn streams_are_limited_by_token_tenant_and_address() {
        let limits = StreamLimits::new(1, 2, 3);
        let acquire = |token: u8, tenant: u128, address: u8| {
            limits.acquire(
                [token; 32],
                Uuid::from_u128(tenant),
                IpAddr::from([10, 0, 0, address]).into(),
            )
        };
        let first = acquire(1, 1, 1).unwrap();
        assert_eq!(acquire(1, 1, 1).err(), Some(StreamRefused::Token(1)));
        let _second = acquire(2, 1, 1).unwrap();
        assert_eq!(acquire(3, 1, 1).err(), Some(StreamRefused::Tenant(2)));
        let _third = acquire(4, 2, 1).unwrap();
        assert_eq!(acquire(5, 2, 1).err(), Some(StreamRefused::Address(3)));
        assert!(acquire(5, 2, 2).is_ok(), "a refused stream takes no permit");
        drop(first);
        assert!(acquire(1, 1, 1).is_ok());
    }
}
