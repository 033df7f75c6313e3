//! Caches, bounded in bytes: serialized responses, and the days and summaries of events that they are built
//! from. Beside them, the look-ups of versions by which a cached response is found.

mod events;
mod organization;
mod responses;
mod version_lookups;

pub use events::EventCache;
pub use responses::{CachedResponse, ResponseCache};
pub use version_lookups::VersionLookups;
