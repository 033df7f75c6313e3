//! Caches, bounded in bytes: serialized responses, and the days and summaries of events that they are built
//! from.

mod events;
mod organization;
mod responses;

pub use events::EventCache;
pub use responses::{CachedResponse, ResponseCache};
