//! The queue of facts that wait to be written, in lanes. All facts of an event are in one lane, and two
//! concurrent batches never share a lane, because one would wait for the other's row of
//! `event_day_versions`. Pure: no I/O.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use uuid::Uuid;

/// The number of lanes: many more than concurrent batches.
const LANES: usize = 64;
/// The maximum number of lanes of a large batch, so that another batch can be written concurrently, regardless
/// of the number of events with waiting facts.
const MAX_BATCH_LANES: usize = LANES / 2;
/// The number of items of a large batch. A smaller one takes more lanes, because two batches would cost more.
const LARGE_BATCH: usize = 256;
/// The number of items that must wait per current batch before another begins: fewer items cost less in a
/// later batch.
const MIN_ITEMS_PER_BATCH: usize = 16;

/// The waiting items, and the lanes of the current batches.
pub struct Queue<T> {
    lanes: Vec<Lane<T>>,
    /// The first lane of the next batch, so that all lanes get their turn.
    next: usize,
    /// Waiting items in lanes without a current batch.
    ready: usize,
    waiting: usize,
    /// The number of current batches.
    batches: usize,
    /// The number of items in current batches.
    writing: usize,
    max_batches: usize,
    max_items: usize,
    is_closed: bool,
}

struct Lane<T> {
    items: Vec<T>,
    is_writing: bool,
}

/// A batch to write.
pub struct Taken<T> {
    /// The items; those of a lane in the order in which they were pushed.
    pub items: Vec<T>,
    /// Their lanes.
    pub lanes: Vec<usize>,
}

impl<T> Queue<T> {
    /// An empty queue for at most `max_batches` concurrent batches of at most `max_items`.
    pub fn new(max_batches: usize, max_items: usize) -> Self {
        let lane = || Lane {
            items: Vec::new(),
            is_writing: false,
        };
        Self {
            lanes: (0..LANES).map(|_| lane()).collect(),
            next: 0,
            ready: 0,
            waiting: 0,
            batches: 0,
            writing: 0,
            max_batches,
            max_items,
            is_closed: false,
        }
    }

    /// The number of waiting items.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// The number of items that wait or are in current batches.
    pub fn unsettled(&self) -> usize {
        self.waiting + self.writing
    }

    /// Drops all items that are pushed later.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// Adds an item to the lane of `key`.
    pub fn push(&mut self, key: Uuid, item: T) {
        if self.is_closed {
            return;
        }
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        let lane = &mut self.lanes[usize::try_from(hash % LANES as u64).unwrap_or_default()];
        lane.items.push(item);
        self.waiting += 1;
        self.ready += usize::from(!lane.is_writing);
    }

    /// Takes the next batch, if one is due.
    pub fn take(&mut self) -> Option<Taken<T>> {
        if self.ready < self.next_batch_items() || self.batches == self.max_batches {
            return None;
        }
        let mut taken = Taken {
            items: Vec::with_capacity(self.ready.min(self.max_items)),
            lanes: Vec::new(),
        };
        for lane_number in (self.next..LANES).chain(0..self.next) {
            let lane = &mut self.lanes[lane_number];
            let room = self.max_items - taken.items.len();
            let is_large = taken.items.len() >= LARGE_BATCH;
            if room == 0 || (is_large && taken.lanes.len() >= MAX_BATCH_LANES) {
                break;
            }
            if lane.is_writing || lane.items.is_empty() {
                continue;
            }
            self.ready -= lane.items.len();
            let fitting = lane.items.len().min(room);
            taken.items.extend(lane.items.drain(..fitting));
            taken.lanes.push(lane_number);
            lane.is_writing = true;
            self.next = (lane_number + 1) % LANES;
        }
        self.waiting -= taken.items.len();
        self.writing += taken.items.len();
        self.batches += 1;
        Some(taken)
    }

    /// The number of ready items at which the next batch is due. Small batches overlap, so that they do not
    /// wait for each other's commit; beside large ones, as many items as are being written must wait, or a
    /// full batch, because two large batches cost more than one.
    fn next_batch_items(&self) -> usize {
        let few = MIN_ITEMS_PER_BATCH * self.batches;
        let items = if self.writing < LARGE_BATCH {
            few
        } else {
            self.writing.max(few)
        };
        items.clamp(1, self.max_items)
    }

    /// Ends a batch with this number of items from these lanes.
    pub fn written(&mut self, items: usize, lanes: &[usize]) {
        for &lane in lanes {
            let lane = &mut self.lanes[lane];
            lane.is_writing = false;
            self.ready += lane.items.len();
        }
        self.writing -= items;
        self.batches -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn key(event: u128) -> Uuid {
        Uuid::from_u128(event)
    }

    #[test]
    fn the_first_fact_is_taken_at_once_and_a_few_more_wait_for_it() {
        let mut queue = Queue::new(8, 100);
        queue.push(key(1), 1);
        let first = queue.take().unwrap();
        for n in 1..MIN_ITEMS_PER_BATCH {
            queue.push(key(100), n);
            assert!(queue.take().is_none());
        }
        queue.written(first.items.len(), &first.lanes);
        assert_eq!(queue.take().unwrap().items.len(), MIN_ITEMS_PER_BATCH - 1);
    }

    #[test]
    fn more_batches_are_written_at_the_same_time_the_more_facts_wait() {
        let mut queue = Queue::new(3, 1_000);
        let mut batches = 0;
        for n in 0..10_000 {
            queue.push(key(n), n);
            batches += usize::from(queue.take().is_some());
        }
        assert_eq!(batches, 3);
    }

    #[test]
    fn another_batch_begins_when_as_many_facts_wait_as_are_being_written() {
        let mut queue = Queue::new(8, 1_000);
        (0..300).for_each(|n| queue.push(key(1), n));
        assert_eq!(queue.take().unwrap().items.len(), 300);
        for n in 1..300 {
            queue.push(key(100), n);
            assert!(queue.take().is_none());
        }
        queue.push(key(100), 300);
        assert_eq!(queue.take().unwrap().items.len(), 300);
    }

    #[test]
    fn a_full_batch_begins_whatever_is_being_written() {
        let mut queue = Queue::new(8, 100);
        (0..100).for_each(|n| queue.push(key(1), n));
        (0..100).for_each(|n| queue.push(key(100), n));
        assert_eq!(queue.take().unwrap().items.len(), 100);
        assert_eq!(queue.take().unwrap().items.len(), 100);
    }

    #[test]
    fn a_small_batch_takes_all_lanes_and_a_large_one_leaves_some_to_others() {
        let mut queue = Queue::new(8, 10_000);
        (0..100).for_each(|n| queue.push(key(n), n));
        let small = queue.take().unwrap();
        assert_eq!(small.items.len(), 100);
        queue.written(100, &small.lanes);
        (0..10_000).for_each(|n| queue.push(key(n), n));
        let large = queue.take().unwrap();
        assert_eq!(large.lanes.len(), MAX_BATCH_LANES);
        assert!(queue.take().is_some());
    }

    #[test]
    fn a_closed_queue_takes_no_more_and_gives_what_it_has() {
        let mut queue = Queue::new(1, 10);
        queue.push(key(1), 1);
        queue.close();
        queue.push(key(2), 2);
        assert_eq!(queue.take().unwrap().items, [1]);
        assert_eq!((queue.len(), queue.unsettled()), (0, 1));
    }

    proptest! {
        #[test]
        fn every_fact_is_written_once_in_order_and_no_event_by_two_batches(
            steps in prop::collection::vec((any::<bool>(), 0..5_u128), 1..300),
            max_items in 1..40_usize,
        ) {
            let mut queue = Queue::new(4, max_items);
            let mut in_flight: Vec<Taken<(u128, usize)>> = Vec::new();
            let mut written = Vec::new();
            for (n, (pushes, event)) in steps.iter().enumerate() {
                if *pushes {
                    queue.push(key(*event), (*event, n));
                } else if !in_flight.is_empty() {
                    let batch = in_flight.remove(*event as usize % in_flight.len());
                    queue.written(batch.items.len(), &batch.lanes);
                    written.extend(batch.items);
                }
                in_flight.extend(queue.take());
                let mut writing = HashMap::new();
                for (number, batch) in in_flight.iter().enumerate() {
                    prop_assert!(batch.items.len() <= max_items);
                    for (event, _) in &batch.items {
                        prop_assert_eq!(*writing.entry(*event).or_insert(number), number);
                    }
                }
            }
            loop {
                for batch in in_flight.drain(..) {
                    queue.written(batch.items.len(), &batch.lanes);
                    written.extend(batch.items);
                }
                match queue.take() {
                    Some(batch) => in_flight.push(batch),
                    None => break,
                }
            }
            let pushed = steps.iter().enumerate().filter(|(_, (pushes, _))| *pushes);
            for event in 0..5 {
                let of_event = |(_, (_, of)): &(usize, &(bool, u128))| *of == event;
                let sent: Vec<_> = pushed.clone().filter(of_event).map(|(n, _)| n).collect();
                let got = written.iter().filter(|(of, _)| *of == event);
                prop_assert_eq!(got.map(|(_, n)| *n).collect::<Vec<_>>(), sent);
            }
        }
    }
}
