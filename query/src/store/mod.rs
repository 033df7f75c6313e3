//! All SQL that reads. Every statement names the tenant whose data it may see.

#[path = "time_zones/cache.rs"]
mod clocks;
mod decode;
mod error;
#[path = "../cache/events.rs"]
mod event_cache;
#[path = "rollup/event_days.rs"]
mod event_days;
#[path = "raw/recounted_rows.rs"]
mod event_facts;
#[path = "raw/exported_facts.rs"]
mod facts;
#[path = "raw/fact_scan.rs"]
mod moments;
#[path = "../cache/organization.rs"]
mod organization;
#[path = "raw/registrations.rs"]
mod registrations;
#[path = "registry/events.rs"]
mod registry;
mod snapshot;
mod stream;
#[path = "registry/tenants.rs"]
mod tenancy;
#[path = "rollup/export_rows.rs"]
mod tenant_rows;
#[path = "rollup/tenant_versions.rs"]
mod tenant_versions;
#[path = "rollup/versions.rs"]
mod versions;

use std::{sync::Arc, time::Duration};

use analytics_shared::period::Period;
use chrono_tz::Tz;
use sea_orm::DatabaseConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use clocks::Clocks;
use event_cache::EventCache;

pub use error::StoreError;
pub use event_days::{DaysQuery, EventDays, RegistryEntry};
pub use event_facts::EventQuery;
pub use facts::{Selection, StoredFact};
pub use organization::{Organization, OrganizationQuery};
pub use registrations::Registration;
pub use registry::RegisteredEvent;
pub use snapshot::Snapshot;
pub use stream::Piece;
pub use tenant_rows::TenantRead;
pub use tenant_versions::TenantVersions;
pub use versions::{State, Versions};

/// The database, for reading.
#[derive(Clone)]
pub struct Store {
    database: DatabaseConnection,
    export_slots: Arc<Semaphore>,
    cache: EventCache,
    clocks: Clocks,
    look_slots: Arc<Semaphore>,
}

impl Store {
    /// Reads through `database`; at most `exports` exports run at once, and at most `bytes` of what
    /// was read are remembered.
    #[must_use]
    pub fn new(database: DatabaseConnection, exports: usize, bytes: u64) -> Self {
        Self {
            database,
            export_slots: Arc::new(Semaphore::new(exports)),
            cache: EventCache::new(bytes),
            clocks: Clocks::new(),
            look_slots: Arc::new(Semaphore::new(moments::LOOKS)),
        }
    }
}

impl Store {
    /// The days of one event, from the rollup, with its entry in the registry. `known` is what the
    /// caller has of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn event_days(
        &self,
        tenant_id: Uuid,
        event_id: Uuid,
        (period, default_zone): (Period, Tz),
        known: &Arc<EventDays>,
    ) -> Result<Arc<EventDays>, StoreError> {
        let event_ids = &[event_id];
        let query = DaysQuery {
            tenant_id,
            event_ids,
            period,
            zone: default_zone,
            with_registry: true,
            with_rows: true,
        };
        let mut found = event_days::read(&self.database, &self.cache, query, Some(known)).await?;
        Ok(found.remove(&event_id).unwrap_or_default())
    }
}

/// One of some slots, unless all are taken for longer than one waits.
async fn turn(slots: &Arc<Semaphore>, patience: Duration) -> Option<OwnedSemaphorePermit> {
    let slot = Arc::clone(slots).acquire_owned();
    tokio::time::timeout(patience, slot).await.ok()?.ok()
}
