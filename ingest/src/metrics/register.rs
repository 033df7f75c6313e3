//! The descriptions of the metrics, and the series that begin at 0.

use analytics_shared::event_type::KNOWN;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use strum::IntoEnumIterator;

use super::{
    labels::{FactOutcome, IgnoredClaim, RejectionReason, Transport},
    names,
    record::{claims, facts, flagged, limited, rejections},
};
use crate::{enrich::bot::BotSignal, limits::day_values::Column};

/// Describes all metrics, and registers those that exist without a broker.
pub fn register() {
    describe();
    for transport in Transport::iter() {
        for outcome in FactOutcome::iter().filter(|it| it.occurs_with(transport)) {
            for event_type in KNOWN.into_iter().chain([names::OTHER_TYPE]) {
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
        names::DROPPED_PROPERTIES,
        names::CUT_PROPERTIES,
        names::COMPACTED_ROWS,
        names::DROPPED_CHUNKS,
        names::IGNORED_MESSAGES,
        names::RETRIED_MESSAGES,
        names::DEAD_LETTERS,
    ] {
        counter!(counter).absolute(0);
    }
    for gauge in [
        names::QUEUE_DEPTH,
        names::OLDEST_UNCOMPACTED,
        names::DATABASE_UP,
    ] {
        gauge!(gauge).set(0.0);
    }
    for name in [
        names::BATCH_ROWS,
        names::BATCH_WRITE_DURATION,
        names::COMMIT_LAG,
    ] {
        let _ = histogram!(name);
    }
}

fn describe() {
    describe_counter!(names::FACTS, "Facts by transport, type and outcome.");
    describe_counter!(
        names::REJECTED,
        "Facts and messages rejected before they were submitted to the database."
    );
    describe_counter!(
        names::FLAGGED,
        "Stored facts that are excluded from all figures."
    );
    describe_counter!(
        names::DROPPED_PROPERTIES,
        "Properties that were not stored."
    );
    describe_counter!(names::CUT_PROPERTIES, "Texts cut to their maximum length.");
    describe_counter!(
        names::IGNORED_CLAIMS,
        "Lifecycle facts of users that were ignored."
    );
    describe_counter!(
        names::LIMITED_VALUES,
        "Facts with a value beyond the limit of distinct values."
    );
    describe_histogram!(names::BATCH_ROWS, "Facts of a batch.");
    describe_histogram!(
        names::BATCH_WRITE_DURATION,
        "Duration of the write of a batch, including the commit."
    );
    describe_histogram!(names::COMMIT_LAG, "Time from a fact to its commit.");
    describe_gauge!(names::QUEUE_DEPTH, "Facts that wait to be written.");
    describe_counter!(names::COMPACTED_ROWS, "Rollup rows merged by compaction.");
    describe_gauge!(
        names::OLDEST_UNCOMPACTED,
        "Age of the oldest rollup row that is not compacted."
    );
    describe_counter!(names::DROPPED_CHUNKS, "Dropped chunks of expired facts.");
    describe_counter!(
        names::IGNORED_MESSAGES,
        "Messages with an unknown routing key."
    );
    describe_counter!(
        names::RETRIED_MESSAGES,
        "Messages published to the delayed-retry queue."
    );
    describe_counter!(names::DEAD_LETTERS, "Messages that became dead letters.");
    describe_gauge!(
        names::BROKER_QUEUE_DEPTH,
        "Messages in a queue of the broker."
    );
    describe_gauge!(
        names::BROKER_CONNECTED,
        "1 while messages are consumed, else 0."
    );
    describe_gauge!(
        names::UNACKNOWLEDGED,
        "Messages received from the broker and not settled."
    );
    describe_gauge!(
        names::OLDEST_UNACKNOWLEDGED,
        "Time since the oldest message that is not settled was received."
    );
    describe_gauge!(
        names::DATABASE_UP,
        "1 while the database responds within 2 seconds, else 0."
    );
}
