//! The names of the metrics.

/// Facts by transport, event type and outcome.
pub const FACTS: &str = "analytics_ingest_facts_total";
/// Facts and messages that were rejected before they were submitted, by transport and reason.
pub const REJECTED: &str = "analytics_ingest_rejected_total";
/// Stored facts that are excluded from all figures, by reason.
pub const FLAGGED: &str = "analytics_ingest_flagged_total";
/// Properties that were not stored.
pub const DROPPED_PROPERTIES: &str = "analytics_ingest_dropped_properties_total";
/// Texts that were cut to their maximum length.
pub const CUT_PROPERTIES: &str = "analytics_ingest_cut_properties_total";
/// Claims of users that were ignored, by reason.
pub const IGNORED_CLAIMS: &str = "analytics_ingest_ignored_claims_total";
/// Facts with a value beyond the limit of distinct values, by column.
pub const LIMITED_VALUES: &str = "analytics_ingest_limited_values_total";
/// The number of facts of a batch.
pub const BATCH_ROWS: &str = "analytics_ingest_batch_rows";
/// The duration of the write of a batch, in seconds.
pub const BATCH_WRITE_DURATION: &str = "analytics_ingest_batch_write_duration_seconds";
/// The time from a fact to its commit, in seconds.
pub const COMMIT_LAG: &str = "analytics_ingest_commit_lag_seconds";
/// The number of facts that wait to be written.
pub const QUEUE_DEPTH: &str = "analytics_ingest_queue_depth_rows";
/// Rollup rows that were compacted.
pub const COMPACTED_ROWS: &str = "analytics_ingest_compacted_rows_total";
/// The age of the oldest rollup row that is not compacted, in seconds.
pub const OLDEST_UNCOMPACTED: &str = "analytics_ingest_oldest_uncompacted_row_age_seconds";
/// Chunks of expired facts that were dropped.
pub const DROPPED_CHUNKS: &str = "analytics_ingest_dropped_chunks_total";
/// Messages with an unknown routing key.
pub const IGNORED_MESSAGES: &str = "analytics_ingest_ignored_messages_total";
/// Messages that were published to the delayed-retry queue.
pub const RETRIED_MESSAGES: &str = "analytics_ingest_retried_messages_total";
/// Messages that became dead letters.
pub const DEAD_LETTERS: &str = "analytics_ingest_dead_letters_total";
/// The number of messages in a queue of the broker.
pub const BROKER_QUEUE_DEPTH: &str = "analytics_ingest_broker_queue_depth_messages";
/// 1 while connected to the broker, else 0.
pub const BROKER_CONNECTED: &str = "analytics_ingest_broker_connected";
/// Messages that were received and are not settled.
pub const UNACKNOWLEDGED: &str = "analytics_ingest_unacknowledged_messages";
/// The time since the oldest of them was received, in seconds.
pub const OLDEST_UNACKNOWLEDGED: &str =
    "analytics_ingest_oldest_unacknowledged_message_age_seconds";
/// 1 while the database is available, else 0.
pub const DATABASE_UP: &str = "analytics_ingest_database_up";

/// The label of event types without a meaning.
pub const OTHER_TYPE: &str = "other";
