//! Caches, bounded in bytes: serialized responses, and the days and summaries of events that they are built
//! from. Beside them, the coalescing of equal requests.

mod events;
mod organization;
mod request_coalescer;
mod responses;

pub use events::EventCache;
pub use request_coalescer::RequestCoalescer;
pub use responses::{CachedResponse, ResponseCache};
