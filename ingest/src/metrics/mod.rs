//! The metrics of the ingest tier. Labels have few values: an unknown event type is `other`.

mod labels;
mod names;
mod record;
mod register;

pub use labels::{FactOutcome, IgnoredClaim, RejectionReason, Transport};
pub use record::{
    batch_written, broker_connected, chunks_dropped, claim_ignored, claims_ignored, database_up,
    fact_committed, fact_flagged, fact_settled, facts_waiting, message_dead_lettered,
    message_ignored, message_retried, messages_unacknowledged, oldest_uncompacted_row,
    properties_cut, properties_dropped, queue_depth, rejected, rollup_compacted, value_limited,
};
pub use register::register;
