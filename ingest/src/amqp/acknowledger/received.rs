//! The times at which deliveries were received.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Deliveries received within this time share an entry.
const RESOLUTION: Duration = Duration::from_millis(100);

/// The deliveries that were received, in groups.
#[derive(Debug, Default)]
pub(super) struct ReceivedTags {
    number: u64,
    /// The greatest tag of each group, and the time of its first delivery.
    groups: VecDeque<(u64, Instant)>,
}

impl ReceivedTags {
    pub(super) fn receive(&mut self, tag: u64, now: Instant) {
        self.number += 1;
        match self.groups.back_mut() {
            Some((last, since)) if now.duration_since(*since) < RESOLUTION => {
                *last = tag.max(*last);
            }
            _ => self.groups.push_back((tag, now)),
        }
    }

    /// The number of all deliveries.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The time of the oldest delivery beyond a tag up to which all are settled.
    pub(super) fn oldest_beyond(&mut self, low_watermark: u64) -> Option<Instant> {
        while self
            .groups
            .pop_front_if(|(last, _)| *last <= low_watermark)
            .is_some()
        {}
        self.groups.front().map(|(_, since)| *since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_delivery_is_the_first_that_is_not_settled() {
        let (start, mut received) = (Instant::now(), ReceivedTags::default());
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(received.oldest_beyond(0), None);
        for (tag, seconds) in [(1, 0), (3, 0), (2, 0), (4, 1), (5, 2)] {
            received.receive(tag, after(seconds));
        }
        assert_eq!(received.number(), 5);
        let oldest = [0, 2, 3, 4, 5].map(|settled| received.oldest_beyond(settled));
        let expected = [
            Some(start),
            Some(start),
            Some(after(1)),
            Some(after(2)),
            None,
        ];
        assert_eq!(oldest, expected);
    }
}
