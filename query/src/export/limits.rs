//! Limits on the exports of each tenant.

use analytics_shared::http::{KeyedLimiter, KeyedPermit};
use uuid::Uuid;

use super::{
    disk::{DiskBudget, DiskUse},
    error::ExportError,
};

/// Limits the concurrent exports of each tenant, and the temporary disk of their workbooks.
#[derive(Clone)]
pub struct ExportLimits {
    concurrent: KeyedLimiter<Uuid>,
    disk: DiskBudget,
}

impl ExportLimits {
    /// Allows each tenant so many concurrent exports and MiB of disk, and the process so many MiB.
    pub fn new(max_per_tenant: u32, disk_per_tenant_mib: u32, disk_mib: u32) -> Self {
        Self {
            concurrent: KeyedLimiter::new(max_per_tenant),
            disk: DiskBudget::new(disk_per_tenant_mib, disk_mib),
        }
    }

    /// Acquires the permit of an export, without waiting.
    ///
    /// # Errors
    /// Fails if the tenant has as many exports as it may.
    pub fn acquire(&self, tenant_id: Uuid) -> Result<KeyedPermit<Uuid>, ExportError> {
        let permit = self.concurrent.try_acquire(tenant_id);
        permit.ok_or(ExportError::TenantLimit(self.concurrent.limit()))
    }

    /// Begins a workbook.
    pub(super) fn begin_workbook(&self, tenant_id: Uuid) -> Result<DiskUse, ExportError> {
        Ok(self.disk.begin(tenant_id)?)
    }
}
