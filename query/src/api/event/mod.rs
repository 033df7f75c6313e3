//! Requests for one event, and the reads for their responses.

mod cached;
mod request;
mod snapshot;

pub use cached::{EventQuery, cached_response};
pub use request::{EventParams, EventRequest};
pub use snapshot::{EventSnapshot, EventSummaries};
