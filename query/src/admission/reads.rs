//! Admission of reads: each tenant has a share of the connections, of the scans of raw facts, and of the time. Its share
//! links have half of it together, so that their viewers leave the other half to the tenant.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use analytics_shared::http::{KeyedLimiter, KeyedPermit};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::time_budget::TimeBudget;

/// Concurrent scans of raw facts: each may take seconds of the database, and memory for every
/// registration of a large event.
const MAX_SCANS: usize = 2;
/// Concurrent scans of a tenant, so that another tenant always waits for one of them at most.
const MAX_SCANS_PER_TENANT: u32 = 1;
/// The wait for a permit.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The reader, in whose share a read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// A token of the tenant.
    Tenant(Uuid),
    /// A share link of the tenant.
    ShareLinkOf(Uuid),
}

impl Reader {
    fn tenant_id(self) -> Uuid {
        let (Self::Tenant(tenant_id) | Self::ShareLinkOf(tenant_id)) = self;
        tenant_id
    }
}

impl From<Uuid> for Reader {
    fn from(tenant_id: Uuid) -> Self {
        Self::Tenant(tenant_id)
    }
}

/// Admits reads of tenants. Cloning is cheap.
#[derive(Clone)]
pub struct ReadAdmission {
    reads: KeyedLimiter<Uuid>,
    reads_of_share_links: KeyedLimiter<Uuid>,
    time_of_share_links: TimeBudget,
    scans_of_tenants: KeyedLimiter<Uuid>,
    scans: Arc<Semaphore>,
    time: TimeBudget,
    permit_timeout: Duration,
}

/// A refused read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ReadRefused {
    /// The tenant has as many reads as it may, and none of them ended in time.
    #[error("the organization has too many concurrent reads")]
    TooManyReads,
    /// The tenant has used its time.
    #[error("the reads of the organization have taken more time than it has per minute")]
    TimeExceeded {
        /// The time until it may read again.
        retry_after: Duration,
    },
    /// The scans of other tenants did not end in time.
    #[error("too many scans of raw facts are running")]
    TooManyScans,
}

/// The permit of a read. When it is dropped, its tenant is charged for the time since it was acquired.
pub struct ReadPermit {
    admitted: Admitted,
    started: Instant,
    _scan: Option<OwnedSemaphorePermit>,
}

/// The shares of a reader in which there is room.
struct Admitted {
    tenant_id: Uuid,
    /// The budgets that are charged.
    time: Vec<TimeBudget>,
    _permits: Vec<KeyedPermit<Uuid>>,
}

impl ReadAdmission {
    /// Allows each tenant `max_per_tenant` concurrent reads, and reads of `time_per_minute` in each minute.
    pub fn new(max_per_tenant: u32, time_per_minute: Duration) -> Self {
        Self {
            reads: KeyedLimiter::new(max_per_tenant),
            reads_of_share_links: KeyedLimiter::new((max_per_tenant / 2).max(1)),
            time_of_share_links: TimeBudget::new(time_per_minute / 2),
            scans_of_tenants: KeyedLimiter::new(MAX_SCANS_PER_TENANT),
            scans: Arc::new(Semaphore::new(MAX_SCANS)),
            time: TimeBudget::new(time_per_minute),
            permit_timeout: PERMIT_TIMEOUT,
        }
    }

    /// Waits for a permit to read. Acquire it before a connection, so that no connection is held while waiting.
    ///
    /// # Errors
    /// Fails if the reader has used its share.
    pub async fn read(&self, reader: impl Into<Reader>) -> Result<ReadPermit, ReadRefused> {
        let admitted = self.admit(&self.reads, reader.into()).await?;
        Ok(ReadPermit::begin(admitted, None))
    }

    /// Waits for a permit to scan raw facts, in place of one to read.
    ///
    /// # Errors
    /// Fails if the reader has used its share, or if the scans of others do not end in time.
    pub async fn scan(&self, reader: impl Into<Reader>) -> Result<ReadPermit, ReadRefused> {
        let admitted = self.admit(&self.scans_of_tenants, reader.into()).await?;
        let scan = Arc::clone(&self.scans).acquire_owned();
        let scan = tokio::time::timeout(self.permit_timeout, scan).await;
        let scan = scan.ok().and_then(Result::ok);
        let scan = scan.ok_or(ReadRefused::TooManyScans)?;
        Ok(ReadPermit::begin(admitted, Some(scan)))
    }

    /// Waits for the permits of a reader. A link takes its own first, so that it waits without one of the tenant.
    async fn admit(
        &self,
        limiter: &KeyedLimiter<Uuid>,
        reader: Reader,
    ) -> Result<Admitted, ReadRefused> {
        let mut shares = vec![(limiter, &self.time)];
        if matches!(reader, Reader::ShareLinkOf(_)) {
            shares.insert(0, (&self.reads_of_share_links, &self.time_of_share_links));
        }
        let tenant_id = reader.tenant_id();
        let mut permits = Vec::with_capacity(shares.len());
        for (limiter, time) in &shares {
            let permit = limiter.acquire(tenant_id, self.permit_timeout).await;
            permits.push(permit.ok_or(ReadRefused::TooManyReads)?);
            if let Some(retry_after) = time.retry_after(tenant_id, Instant::now()) {
                return Err(ReadRefused::TimeExceeded { retry_after });
            }
        }
        Ok(Admitted {
            tenant_id,
            time: shares.into_iter().map(|(_, time)| time.clone()).collect(),
            _permits: permits,
        })
    }
}

impl ReadPermit {
    fn begin(admitted: Admitted, scan: Option<OwnedSemaphorePermit>) -> Self {
        Self {
            admitted,
            started: Instant::now(),
            _scan: scan,
        }
    }
}

impl Drop for ReadPermit {
    fn drop(&mut self) {
        let now = Instant::now();
        let spent = now.saturating_duration_since(self.started);
        for time in &self.admitted.time {
            time.charge(self.admitted.tenant_id, spent, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn admission(max_per_tenant: u32) -> ReadAdmission {
        ReadAdmission {
            permit_timeout: Duration::from_millis(20),
            ..ReadAdmission::new(max_per_tenant, Duration::from_mins(1))
        }
    }

    #[tokio::test]
    async fn a_tenant_with_all_its_reads_under_way_waits_and_others_do_not() {
        let admission = admission(2);
        let first = admission.read(ONE).await;
        let _second = admission.read(ONE).await.unwrap();
        let refused = admission.read(ONE).await.map(drop);
        assert_eq!(refused, Err(ReadRefused::TooManyReads));
        assert!(admission.read(OTHER).await.is_ok());
        assert!(admission.scan(ONE).await.is_ok(), "scans are apart");
        drop(first);
        assert!(admission.read(ONE).await.is_ok());
    }

    #[tokio::test]
    async fn a_tenant_scans_once_at_a_time_and_leaves_room_for_another() {
        let admission = admission(9);
        let _first = admission.scan(ONE).await.unwrap();
        let refused = admission.scan(ONE).await.map(drop);
        assert_eq!(refused, Err(ReadRefused::TooManyReads));
        let _second = admission.scan(OTHER).await.unwrap();
        let third = admission.scan(Uuid::from_u128(3)).await.map(drop);
        assert_eq!(third, Err(ReadRefused::TooManyScans));
    }

    #[tokio::test]
    async fn the_share_links_of_a_tenant_have_half_of_its_share() {
        let admission = admission(4);
        let (link, other_link) = (Reader::ShareLinkOf(ONE), Reader::ShareLinkOf(OTHER));
        let first = admission.read(link).await;
        let _second = admission.scan(link).await.unwrap();
        let refused = admission.read(link).await.map(drop);
        assert_eq!(refused, Err(ReadRefused::TooManyReads));
        assert!(admission.read(other_link).await.is_ok());
        let own = [admission.read(ONE).await, admission.read(ONE).await];
        assert!(own.iter().all(Result::is_ok));
        drop(first);
        // They are a part of it, and not beside it.
        let _third = admission.read(ONE).await.unwrap();
        let _fourth = admission.read(ONE).await.unwrap();
        let refused = admission.read(link).await.map(drop);
        assert_eq!(refused, Err(ReadRefused::TooManyReads));
    }

    #[tokio::test]
    async fn the_time_of_share_links_is_charged_to_them_and_to_their_tenant() {
        let admission = ReadAdmission::new(9, Duration::from_millis(40));
        let permit = admission.read(Reader::ShareLinkOf(ONE)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        drop(permit);
        let refused = admission.read(Reader::ShareLinkOf(ONE)).await.map(drop);
        assert!(matches!(refused, Err(ReadRefused::TimeExceeded { .. })));
        let permit = admission.read(ONE).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        drop(permit);
        let refused = admission.read(ONE).await.map(drop);
        assert!(matches!(refused, Err(ReadRefused::TimeExceeded { .. })));
    }

    #[tokio::test]
    async fn a_tenant_that_has_used_its_time_is_refused_and_others_are_not() {
        let admission = ReadAdmission::new(9, Duration::from_millis(1));
        let permit = admission.read(ONE).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        drop(permit);
        let refused = admission.read(ONE).await.map(drop);
        assert!(matches!(
            refused,
            Err(ReadRefused::TimeExceeded { retry_after }) if retry_after > Duration::from_mins(1)
        ));
        assert!(admission.read(OTHER).await.is_ok());
    }
}
