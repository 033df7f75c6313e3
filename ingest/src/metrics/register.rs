//! The descriptions of the metrics, and the series that begin at 0.

use analytics_shared::event_type::KNOWN;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use strum::IntoEnumIterator;

use super::{
    labels::{FactOutcome, IgnoredClaim, RejectionReason, Transport},
    names::{
        BATCH_ROWS, BATCH_WRITE_DURATION, BROKER_CONNECTED, BROKER_QUEUE_DEPTH, COMMIT_LAG,
        COMPACTED_ROWS, CUT_PROPERTIES, DATABASE_UP, DEAD_LETTERS, DROPPED_CHUNKS,
        DROPPED_PROPERTIES, FACTS, FLAGGED, IGNORED_CLAIMS, IGNORED_MESSAGES, LIMITED_VALUES,
        OLDEST_UNACKNOWLEDGED, OLDEST_UNCOMPACTED, OTHER_TYPE, QUEUE_DEPTH, REJECTED,
        RETRIED_MESSAGES, UNACKNOWLEDGED,
    },
    record::{claims, facts, flagged, limited, rejections},
};
use crate::{enrich::bot::BotSignal, limits::day_values::Column};

/// Describes all metrics, and registers those that exist without a broker.
pub fn register() {
    describe();
    for transport in Transport::iter() {
        for outcome in FactOutcome::iter().filter(|it| it.occurs_with(transport)) {
            for event_type in KNOWN.into_iter().chain([OTHER_TYPE]) {
                facts(transport, event_type, outcome).absolute(0);
            }
        }
    }
    for reason in RejectionReason::iter() {
        rejections(Transport::Http, reason).absolute(0);
        rejections(Transport::Amqp, reason).absolute(0);
    }
    for reason in [RejectionReason::Unauthorized, RejectionReason::UnknownEvent] {
        rejections(Transport::Overflow, reason).absolute(0);
    }
    BotSignal::iter().for_each(|signal| flagged(signal).absolute(0));
    IgnoredClaim::iter().for_each(|reason| claims(reason).absolute(0));
    Column::iter().for_each(|column| limited(column).absolute(0));
    for counter in [
        DROPPED_PROPERTIES,
        CUT_PROPERTIES,
        COMPACTED_ROWS,
        DROPPED_CHUNKS,
        IGNORED_MESSAGES,
        RETRIED_MESSAGES,
        DEAD_LETTERS,
    ] {
        counter!(counter).absolute(0);
    }
    for gauge in [QUEUE_DEPTH, OLDEST_UNCOMPACTED, DATABASE_UP] {
        gauge!(gauge).set(0.0);
    }
    for name in [BATCH_ROWS, BATCH_WRITE_DURATION, COMMIT_LAG] {
        let _ = histogram!(name);
    }
}

fn describe() {
    describe_counter!(FACTS, "Facts by transport, type and outcome.");
    describe_counter!(
        REJECTED,
        "Facts and messages rejected before they were submitted to the database."
    );
    describe_counter!(FLAGGED, "Stored facts that are excluded from all figures.");
    describe_counter!(DROPPED_PROPERTIES, "Properties that were not stored.");
    describe_counter!(CUT_PROPERTIES, "Texts cut to their maximum length.");
    describe_counter!(
        IGNORED_CLAIMS,
        "Lifecycle facts of users that were ignored."
    );
    describe_counter!(
        LIMITED_VALUES,
        "Facts with a value beyond the limit of distinct values."
    );
    describe_histogram!(BATCH_ROWS, "Facts of a batch.");
    describe_histogram!(
        BATCH_WRITE_DURATION,
        "Duration of the write of a batch, including the commit."
    );
    describe_histogram!(COMMIT_LAG, "Time from a fact to its commit.");
    describe_gauge!(QUEUE_DEPTH, "Facts that wait to be written.");
    describe_counter!(COMPACTED_ROWS, "Rollup rows merged by compaction.");
    describe_gauge!(
        OLDEST_UNCOMPACTED,
        "Age of the oldest rollup row that is not compacted."
    );
    describe_counter!(DROPPED_CHUNKS, "Dropped chunks of expired facts.");
    describe_counter!(IGNORED_MESSAGES, "Messages with an unknown routing key.");
    describe_counter!(
        RETRIED_MESSAGES,
        "Messages published to the delayed-retry queue."
    );
    describe_counter!(DEAD_LETTERS, "Messages that became dead letters.");
    describe_gauge!(BROKER_QUEUE_DEPTH, "Messages in a queue of the broker.");
    describe_gauge!(BROKER_CONNECTED, "1 while messages are consumed, else 0.");
    describe_gauge!(
        UNACKNOWLEDGED,
        "Messages received from the broker and not settled."
    );
    describe_gauge!(
        OLDEST_UNACKNOWLEDGED,
        "Time since the oldest message that is not settled was received."
    );
    describe_gauge!(
        DATABASE_UP,
        "1 while the database responds within 2 seconds, else 0."
    );
}
