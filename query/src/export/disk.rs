//! The temporary disk of workbooks. A pod whose disk is full is evicted, with the requests of all tenants.

use std::{
    fs::File,
    hash::Hash,
    io::{self, Seek, SeekFrom, Write},
};

use analytics_shared::http::{KeyedLimiter, KeyedPermit};
use thiserror::Error;
use uuid::Uuid;

const MIB: u64 = 1 << 20;

/// Limits the temporary disk of each tenant and of the process, in MiB.
#[derive(Clone)]
pub(super) struct DiskBudget {
    tenants: KeyedLimiter<Uuid>,
    process: KeyedLimiter<()>,
}

/// The disk of one workbook, until it is dropped.
pub(super) struct DiskUse {
    budget: DiskBudget,
    bytes: u64,
    of_tenant: Reserved<Uuid>,
    of_process: Reserved<()>,
}

/// A part of a limit, in MiB.
struct Reserved<K: Hash + Eq + Clone> {
    permit: KeyedPermit<K>,
    mib: u32,
}

/// Disk that a workbook may not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DiskFull {
    #[error("the workbooks of the organization need more than {0} MiB of temporary disk")]
    Tenant(usize),
    #[error("the temporary disk is full")]
    Process,
}

impl DiskBudget {
    /// Allows each tenant and the process so many MiB.
    pub fn new(per_tenant_mib: u32, per_process_mib: u32) -> Self {
        Self {
            tenants: KeyedLimiter::new(per_tenant_mib),
            process: KeyedLimiter::new(per_process_mib),
        }
    }

    /// Begins a workbook of a tenant.
    pub fn begin(&self, tenant_id: Uuid) -> Result<DiskUse, DiskFull> {
        let of_tenant = self.tenants.try_acquire(tenant_id);
        let of_process = self.process.try_acquire(());
        Ok(DiskUse {
            budget: self.clone(),
            bytes: 0,
            of_tenant: Reserved {
                permit: of_tenant.ok_or(DiskFull::Tenant(self.tenants.limit()))?,
                mib: 1,
            },
            of_process: Reserved {
                permit: of_process.ok_or(DiskFull::Process)?,
                mib: 1,
            },
        })
    }
}

impl DiskUse {
    /// Adds bytes that are about to be written.
    pub fn add(&mut self, bytes: u64) -> Result<(), DiskFull> {
        self.bytes += bytes;
        let needed = u32::try_from(self.bytes.div_ceil(MIB)).unwrap_or(u32::MAX);
        if !self.of_tenant.grow_to(needed) {
            return Err(DiskFull::Tenant(self.budget.tenants.limit()));
        }
        if !self.of_process.grow_to(needed) {
            return Err(DiskFull::Process);
        }
        Ok(())
    }
}

impl<K: Hash + Eq + Clone> Reserved<K> {
    /// Reserves up to `mib`; returns whether the limit permits it.
    fn grow_to(&mut self, mib: u32) -> bool {
        let more = mib.saturating_sub(self.mib);
        if more == 0 {
            return true;
        }
        let grown = self.permit.grow(more);
        if grown {
            self.mib = mib;
        }
        grown
    }
}

/// A file that grows within the budget.
pub(super) struct BudgetedFile<'a> {
    pub file: File,
    pub disk: &'a mut DiskUse,
    position: u64,
    length: u64,
    /// The limit that a write has met.
    pub full: Option<DiskFull>,
}

impl<'a> BudgetedFile<'a> {
    pub fn new(file: File, disk: &'a mut DiskUse) -> Self {
        Self {
            file,
            disk,
            position: 0,
            length: 0,
            full: None,
        }
    }
}

impl Write for BudgetedFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.position + bytes.len() as u64;
        if let Some(more) = end.checked_sub(self.length)
            && let Err(full) = self.disk.add(more)
        {
            self.full = Some(full);
            return Err(io::Error::other(full));
        }
        let written = self.file.write(bytes)?;
        self.position += written as u64;
        self.length = self.length.max(end);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for BudgetedFile<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workbooks_share_the_disk_of_their_tenant_and_of_the_process() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let budget = DiskBudget::new(4, 6);
        let mut first = budget.begin(one).unwrap();
        first.add(3 * MIB).unwrap();
        let mut second = budget.begin(one).unwrap();
        assert_eq!(second.add(MIB + 1), Err(DiskFull::Tenant(4)));
        let mut third = budget.begin(other).unwrap();
        assert_eq!(third.add(3 * MIB), Err(DiskFull::Process));
        drop(first);
        third.add(0).unwrap();
    }
}
