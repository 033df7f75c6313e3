//! The functions that record values.

use std::time::Duration;

use analytics_shared::event_type::EventType;
use chrono::TimeDelta;
use metrics::{Counter, counter, gauge, histogram};

use super::{
    labels::{FactOutcome, IgnoredClaim, RejectionReason, Transport},
    names,
};

pub(super) fn facts(transport: Transport, event_type: &str, outcome: FactOutcome) -> Counter {
    let (transport, outcome): (&'static str, &'static str) = (transport.into(), outcome.into());
    counter!(names::FACTS, "transport" => transport, "type" => event_type.to_owned(), "outcome" => outcome)
}

pub(super) fn rejections(transport: Transport, reason: RejectionReason) -> Counter {
    let (transport, reason): (&'static str, &'static str) = (transport.into(), reason.into());
    counter!(names::REJECTED, "transport" => transport, "reason" => reason)
}

pub(super) fn claims(reason: IgnoredClaim) -> Counter {
    let reason: &'static str = reason.into();
    counter!(names::IGNORED_CLAIMS, "reason" => reason)
}

pub(super) fn flagged(reason: impl Into<&'static str>) -> Counter {
    counter!(names::FLAGGED, "reason" => reason.into())
}

pub(super) fn limited(column: impl Into<&'static str>) -> Counter {
    counter!(names::LIMITED_VALUES, "column" => column.into())
}

/// Counts the outcome of a fact.
pub fn fact_settled(transport: Transport, event_type: &EventType, outcome: FactOutcome) {
    let event_type = if event_type.is_known() {
        event_type.as_str()
    } else {
        names::OTHER_TYPE
    };
    facts(transport, event_type, outcome).increment(1);
}

/// Counts a fact or message that is rejected before it is submitted.
pub fn rejected(transport: Transport, reason: RejectionReason) {
    rejections(transport, reason).increment(1);
}

pub fn fact_flagged(reason: impl Into<&'static str>) {
    flagged(reason).increment(1);
}

pub fn properties_dropped(number: usize) {
    counter!(names::DROPPED_PROPERTIES).increment(number as u64);
}

pub fn properties_cut(number: usize) {
    counter!(names::CUT_PROPERTIES).increment(number as u64);
}

pub fn claim_ignored(reason: IgnoredClaim) {
    claims_ignored(reason, 1);
}

pub fn claims_ignored(reason: IgnoredClaim, number: u64) {
    claims(reason).increment(number);
}

pub fn value_limited(column: impl Into<&'static str>) {
    limited(column).increment(1);
}

pub fn batch_written(rows: usize, duration: Duration) {
    histogram!(names::BATCH_ROWS).record(f64::from(u32::try_from(rows).unwrap_or(u32::MAX)));
    histogram!(names::BATCH_WRITE_DURATION).record(duration);
}

/// Records the time from a fact to its commit; 0 for a fact of the future.
pub fn fact_committed(lag: TimeDelta) {
    histogram!(names::COMMIT_LAG).record(lag.to_std().unwrap_or_default());
}

pub fn facts_waiting(rows: usize) {
    gauge!(names::QUEUE_DEPTH).set(f64::from(u32::try_from(rows).unwrap_or(u32::MAX)));
}

pub fn rollup_compacted(rows: u64) {
    counter!(names::COMPACTED_ROWS).increment(rows);
}

pub fn oldest_uncompacted_row(age: TimeDelta) {
    gauge!(names::OLDEST_UNCOMPACTED).set(age.as_seconds_f64());
}

pub fn chunks_dropped(chunks: usize) {
    counter!(names::DROPPED_CHUNKS).increment(chunks as u64);
}

pub fn message_ignored() {
    counter!(names::IGNORED_MESSAGES).increment(1);
}

pub fn message_retried() {
    counter!(names::RETRIED_MESSAGES).increment(1);
}

pub fn message_dead_lettered() {
    counter!(names::DEAD_LETTERS).increment(1);
}

pub fn queue_depth(queue: &str, messages: u32) {
    gauge!(names::BROKER_QUEUE_DEPTH, "queue" => queue.to_owned()).set(f64::from(messages));
}

/// Records the messages that were received and are not settled, and the time since the oldest was received.
pub fn messages_unacknowledged(messages: usize, oldest: Duration) {
    gauge!(names::UNACKNOWLEDGED).set(f64::from(u32::try_from(messages).unwrap_or(u32::MAX)));
    gauge!(names::OLDEST_UNACKNOWLEDGED).set(oldest.as_secs_f64());
}

pub fn broker_connected(is_connected: bool) {
    gauge!(names::BROKER_CONNECTED).set(f64::from(u8::from(is_connected)));
}

pub fn database_up(is_up: bool) {
    gauge!(names::DATABASE_UP).set(f64::from(u8::from(is_up)));
}
