//! Requests for one event, and the reads for their responses.

mod request;
mod snapshot;

pub use request::EventRequest;
pub use snapshot::{EventSnapshot, EventSummaries};
