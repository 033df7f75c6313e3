//! What the ingest tier counts. Labels have few values: an event type of somebody's own is `other`.

use std::time::Duration;

use analytics_shared::event_type::EventType;
use chrono::TimeDelta;

use crate::{batch::Outcome, store::CompactionPlan};

/// Facts by way in, type and outcome.
const FACTS: &str = "analytics_ingest_facts_total";
/// Facts and messages that were refused, by way in and reason.
const REFUSED: &str = "analytics_ingest_refused_total";
/// Facts that were stored and are left out of all figures, by reason.
const FLAGGED: &str = "analytics_ingest_flagged_total";
/// Rows of a batch.
const BATCH_ROWS: &str = "analytics_ingest_batch_rows";
/// Seconds that a batch took to commit.
const BATCH_SECONDS: &str = "analytics_ingest_batch_seconds";
/// Seconds from when a fact happened to its commit.
const LAG_SECONDS: &str = "analytics_ingest_commit_lag_seconds";
/// Facts that wait to be written.
const QUEUE_ROWS: &str = "analytics_ingest_queue_depth_rows";
/// Rows of the rollup that compaction has merged.
const COMPACTED_ROWS: &str = "analytics_ingest_rollup_compacted_rows_total";
/// Age of the oldest row of the rollup that no compaction has merged, in seconds.
const OLDEST_APPENDED: &str = "analytics_ingest_rollup_oldest_appended_seconds";
/// Chunks of expired facts that were dropped.
const DROPPED_CHUNKS: &str = "analytics_ingest_dropped_chunks_total";
/// Messages with a routing key that is none of ours.
const IGNORED_MESSAGES: &str = "analytics_ingest_ignored_messages_total";
/// Messages that went to the delayed-retry queue.
const RETRIED_MESSAGES: &str = "analytics_ingest_retried_messages_total";
/// Messages that went to the dead-letter queue.
const DEAD_LETTERS: &str = "analytics_ingest_dead_letters_total";
/// Messages that wait in the broker, by queue.
const QUEUE_MESSAGES: &str = "analytics_ingest_broker_queue_depth_messages";
/// 1 while messages are consumed, else 0.
const BROKER_CONNECTED: &str = "analytics_ingest_broker_connected";

/// 1 while the database answers, else 0.
const DATABASE_UP: &str = "analytics_ingest_database_up";

/// By what way a fact came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `POST /track`
    Http,
    /// RabbitMQ
    Amqp,
    /// Over HTTP while the database was away, and then from RabbitMQ.
    Overflow,
}

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// What the database says.
    Written(Outcome),
    /// RabbitMQ keeps it.
    Queued,
}

impl From<Outcome> for Settlement {
    fn from(outcome: Outcome) -> Self {
        Self::Written(outcome)
    }
}

impl Settlement {
    fn label(self) -> &'static str {
        match self {
            Self::Written(Outcome::Stored) => "stored",
            Self::Written(Outcome::Duplicate) => "duplicate",
            Self::Written(Outcome::Refused) => "refused",
            Self::Written(Outcome::Unavailable) => "unavailable",
            Self::Written(Outcome::Broken) => "broken",
            Self::Queued => "queued",
        }
    }
}

impl Way {
    fn label(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Amqp => "amqp",
            Self::Overflow => "overflow",
        }
    }
}

/// A fact is settled.
pub fn fact_settled(way: Way, event_type: &EventType, settlement: Settlement) {
    let outcome = settlement.label();
    let event_type = if event_type.is_known() {
        event_type.to_string()
    } else {
        "other".to_owned()
    };
    metrics::counter!(FACTS, "way" => way.label(), "type" => event_type, "outcome" => outcome)
        .increment(1);
}

/// A fact or message was refused before it came to the database.
pub fn refused(way: Way, reason: &'static str) {
    metrics::counter!(REFUSED, "way" => way.label(), "reason" => reason).increment(1);
}

/// A fact was stored that is left out of all figures.
pub fn fact_flagged(reason: &'static str) {
    metrics::counter!(FLAGGED, "reason" => reason).increment(1);
}

/// A batch of `rows` facts was committed.
pub fn batch_written(rows: usize, took: Duration) {
    metrics::histogram!(BATCH_ROWS).record(f64::from(u32::try_from(rows).unwrap_or(u32::MAX)));
    metrics::histogram!(BATCH_SECONDS).record(took);
}

/// A fact was committed `lag` after it happened; one that a clock running ahead has dated into the
/// future counts as none.
pub fn fact_committed(lag: TimeDelta) {
    metrics::histogram!(LAG_SECONDS).record(lag.to_std().unwrap_or_default());
}

/// So many facts wait to be written.
pub fn facts_waiting(rows: usize) {
    let rows = u32::try_from(rows).unwrap_or(u32::MAX);
    metrics::gauge!(QUEUE_ROWS).set(f64::from(rows));
}

/// Compaction has merged `rows`.
pub fn rollup_compacted(rows: u64) {
    metrics::counter!(COMPACTED_ROWS).increment(rows);
}

/// A run of the compaction begins.
pub fn compaction_planned(plan: &CompactionPlan) {
    let oldest = plan.oldest_appended_at;
    let age = oldest.map_or(TimeDelta::zero(), |oldest| plan.started_at - oldest);
    metrics::gauge!(OLDEST_APPENDED).set(age.as_seconds_f64());
}

/// The retention dropped `chunks`.
pub fn chunks_dropped(chunks: usize) {
    metrics::counter!(DROPPED_CHUNKS).increment(chunks as u64);
}

/// A message is none of ours.
pub fn message_ignored() {
    metrics::counter!(IGNORED_MESSAGES).increment(1);
}

/// A message waits for its registration.
pub fn message_retried() {
    metrics::counter!(RETRIED_MESSAGES).increment(1);
}

/// A message is a dead letter.
pub fn dead_letter() {
    metrics::counter!(DEAD_LETTERS).increment(1);
}

/// So many messages wait in that queue of the broker.
pub fn messages_waiting(queue: &str, messages: u32) {
    metrics::gauge!(QUEUE_MESSAGES, "queue" => queue.to_owned()).set(f64::from(messages));
}

/// Whether messages are consumed.
pub fn broker_connected(connected: bool) {
    metrics::gauge!(BROKER_CONNECTED).set(f64::from(u8::from(connected)));
}

/// Whether the database answers.
pub fn database_up(is_up: bool) {
    metrics::gauge!(DATABASE_UP).set(f64::from(u8::from(is_up)));
}
