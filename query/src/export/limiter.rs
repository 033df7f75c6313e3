//! A limit on the concurrent exports of each tenant, so that none can block the others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use uuid::Uuid;

use super::error::ExportError;

/// Limits the concurrent exports of each tenant.
#[derive(Clone)]
pub struct TenantExportLimiter {
    limit: u32,
    running: Arc<Mutex<HashMap<Uuid, u32>>>,
}

/// The permit of one export, until it is dropped.
pub(super) struct ExportPermit {
    limiter: TenantExportLimiter,
    tenant_id: Uuid,
}

impl TenantExportLimiter {
    /// Allows up to `limit` concurrent exports per tenant.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            running: Arc::default(),
        }
    }

    /// Acquires a permit, without waiting.
    pub(super) fn acquire(&self, tenant_id: Uuid) -> Result<ExportPermit, ExportError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = running.entry(tenant_id).or_default();
        if *of_tenant >= self.limit {
            return Err(ExportError::TenantLimit(self.limit));
        }
        *of_tenant += 1;
        Ok(ExportPermit {
            limiter: self.clone(),
            tenant_id,
        })
    }
}

impl Drop for ExportPermit {
    fn drop(&mut self) {
        let running = self.limiter.running.lock();
        let mut running = running.unwrap_or_else(PoisonError::into_inner);
        if let Some(of_tenant) = running.get_mut(&self.tenant_id) {
            *of_tenant -= 1;
            if *of_tenant == 0 {
                running.remove(&self.tenant_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_per_tenant_and_released_on_drop() {
        let limiter = TenantExportLimiter::new(2);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = limiter.acquire(one);
        let _second = limiter.acquire(one);
        assert!(matches!(
            limiter.acquire(one),
            Err(ExportError::TenantLimit(2))
        ));
        assert!(limiter.acquire(other).is_ok());
        drop(first);
        assert!(limiter.acquire(one).is_ok());
        assert_eq!(
            limiter.running.lock().unwrap().len(),
            1,
            "a tenant without exports is removed"
        );
    }
}
