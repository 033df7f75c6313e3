//! All SQL of the tier: it reads, and writes share links only. Every statement names the tenant whose data it reads, and row-level security hides all
//! others.

mod database;
mod decode;
mod error;
mod fingerprint;
mod raw;
mod read_memory;
mod registry;
mod rollup;
mod row_stream;
mod shared_links;
mod snapshot;
mod stream;
mod tenant_query;
mod time_zones;

pub use database::Store;
pub use error::StoreError;
pub use fingerprint::Fingerprint;
pub use raw::{Registration, StoredFact};
pub use read_memory::ReadMemoryUse;
pub use registry::{EventListPage, EventListQuery, ListedEvent};
pub use rollup::{DaySource, DaysQuery, EventDays, EventVersion, Versions};
pub use shared_links::{NewSharedLink, SharedLinkStore, StoredSharedLink};
pub use snapshot::Snapshot;
pub use stream::StreamItem;
pub use tenant_query::TenantQuery;
