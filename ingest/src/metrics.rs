//! The metrics of the ingest tier. Labels have few values: an unknown event type is `other`.

use std::time::Duration;

use analytics_shared::event_type::EventType;
use chrono::TimeDelta;
use metrics::{counter, gauge, histogram};

/// Facts by transport, event type and outcome.
const FACTS: &str = "analytics_ingest_facts_total";
/// Facts and messages that were rejected before they were submitted, by transport and reason.
const REJECTED: &str = "analytics_ingest_rejected_total";
/// Stored facts that are excluded from all figures, by reason.
const FLAGGED: &str = "analytics_ingest_flagged_total";
/// Properties that were not stored.
const DROPPED_PROPERTIES: &str = "analytics_ingest_dropped_properties_total";
/// Texts that were cut to their maximum length.
const CUT_PROPERTIES: &str = "analytics_ingest_cut_properties_total";
/// Claims of users that were ignored, by reason.
const IGNORED_CLAIMS: &str = "analytics_ingest_ignored_claims_total";
/// Facts with a value beyond the limit of distinct values, by column.
const LIMITED_VALUES: &str = "analytics_ingest_limited_values_total";
/// The number of facts of a batch.
const BATCH_ROWS: &str = "analytics_ingest_batch_rows";
/// The duration of the write of a batch, in seconds.
const BATCH_WRITE_DURATION: &str = "analytics_ingest_batch_write_duration_seconds";
/// The time from a fact to its commit, in seconds.
const COMMIT_LAG: &str = "analytics_ingest_commit_lag_seconds";
/// The number of facts that wait to be written.
const QUEUE_DEPTH: &str = "analytics_ingest_queue_depth_rows";
/// Rollup rows that were compacted.
const COMPACTED_ROWS: &str = "analytics_ingest_compacted_rows_total";
/// The age of the oldest rollup row that is not compacted, in seconds.
const OLDEST_UNCOMPACTED: &str = "analytics_ingest_oldest_uncompacted_row_age_seconds";
/// Chunks of expired facts that were dropped.
const DROPPED_CHUNKS: &str = "analytics_ingest_dropped_chunks_total";
/// Messages with an unknown routing key.
const IGNORED_MESSAGES: &str = "analytics_ingest_ignored_messages_total";
/// Messages that were published to the delayed-retry queue.
const RETRIED_MESSAGES: &str = "analytics_ingest_retried_messages_total";
/// Messages that became dead letters.
const DEAD_LETTERS: &str = "analytics_ingest_dead_letters_total";
/// The number of messages in a queue of the broker.
const BROKER_QUEUE_DEPTH: &str = "analytics_ingest_broker_queue_depth_messages";
/// 1 while connected to the broker, else 0.
const BROKER_CONNECTED: &str = "analytics_ingest_broker_connected";
/// 1 while the database is available, else 0.
const DATABASE_UP: &str = "analytics_ingest_database_up";

/// The transport of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// HTTP.
    Http,
    /// A platform message.
    Amqp,
    /// The overflow queue, after HTTP.
    Overflow,
}

impl Transport {
    fn label(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Amqp => "amqp",
            Self::Overflow => "overflow",
        }
    }
}

/// The reason why the claim of a user is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredClaim {
    /// The fact that it reports is known.
    Known,
    /// Only a registration of the platform or a service completes a message.
    Message,
    /// The platform or a service has reported the same later.
    Superseded,
}

impl IgnoredClaim {
    fn label(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Message => "message",
            Self::Superseded => "superseded",
        }
    }
}

/// Counts the outcome of a fact.
pub fn fact_settled(transport: Transport, event_type: &EventType, outcome: &'static str) {
    let event_type = if event_type.is_known() {
        event_type.to_string()
    } else {
        "other".to_owned()
    };
    let transport = transport.label();
    counter!(FACTS, "transport" => transport, "type" => event_type, "outcome" => outcome)
        .increment(1);
}

/// Counts a fact or message that is rejected before it is submitted.
pub fn rejected(transport: Transport, reason: &'static str) {
    counter!(REJECTED, "transport" => transport.label(), "reason" => reason).increment(1);
}

pub fn fact_flagged(reason: &'static str) {
    counter!(FLAGGED, "reason" => reason).increment(1);
}

pub fn properties_dropped(number: usize) {
    if number > 0 {
        counter!(DROPPED_PROPERTIES).increment(number as u64);
    }
}

pub fn properties_cut(number: usize) {
    if number > 0 {
        counter!(CUT_PROPERTIES).increment(number as u64);
    }
}

pub fn claim_ignored(reason: IgnoredClaim) {
    claims_ignored(reason, 1);
}

pub fn claims_ignored(reason: IgnoredClaim, number: u64) {
    counter!(IGNORED_CLAIMS, "reason" => reason.label()).increment(number);
}

pub fn value_limited(column: &'static str) {
    counter!(LIMITED_VALUES, "column" => column).increment(1);
}

pub fn batch_written(rows: usize, duration: Duration) {
    histogram!(BATCH_ROWS).record(f64::from(u32::try_from(rows).unwrap_or(u32::MAX)));
    histogram!(BATCH_WRITE_DURATION).record(duration);
}

/// Records the time from a fact to its commit; 0 for a fact of the future.
pub fn fact_committed(lag: TimeDelta) {
    histogram!(COMMIT_LAG).record(lag.to_std().unwrap_or_default());
}

pub fn facts_waiting(rows: usize) {
    gauge!(QUEUE_DEPTH).set(f64::from(u32::try_from(rows).unwrap_or(u32::MAX)));
}

pub fn rollup_compacted(rows: u64) {
    counter!(COMPACTED_ROWS).increment(rows);
}

pub fn oldest_uncompacted_row(age: TimeDelta) {
    gauge!(OLDEST_UNCOMPACTED).set(age.as_seconds_f64());
}

pub fn chunks_dropped(chunks: usize) {
    counter!(DROPPED_CHUNKS).increment(chunks as u64);
}

pub fn message_ignored() {
    counter!(IGNORED_MESSAGES).increment(1);
}

pub fn message_retried() {
    counter!(RETRIED_MESSAGES).increment(1);
}

pub fn message_dead_lettered() {
    counter!(DEAD_LETTERS).increment(1);
}

pub fn queue_depth(queue: &str, messages: u32) {
    gauge!(BROKER_QUEUE_DEPTH, "queue" => queue.to_owned()).set(f64::from(messages));
}

pub fn broker_connected(is_connected: bool) {
    gauge!(BROKER_CONNECTED).set(f64::from(u8::from(is_connected)));
}

pub fn database_up(is_up: bool) {
    gauge!(DATABASE_UP).set(f64::from(u8::from(is_up)));
}
