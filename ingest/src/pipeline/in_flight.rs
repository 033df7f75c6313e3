//! Chunks in flight, with a barrier: items that may depend on a fact of an earlier chunk are deferred
//! until all chunks that were spawned before them are settled.

use std::{
    collections::{BTreeSet, VecDeque},
    future::Future,
};

use tokio::task::{JoinError, JoinSet};

/// The maximum number of chunks in flight while another is received: enough to overlap with it, and few
/// enough that facts gather into large batches under load.
const MAX_CHUNKS: usize = 3;

/// Chunks in flight, each of which settles with a result `R`, and deferred items `D`.
pub struct InFlight<R, D> {
    tasks: JoinSet<(u64, R)>,
    /// Numbers of the chunks that are not settled.
    open: BTreeSet<u64>,
    /// Number of the latest chunk.
    latest: u64,
    /// Deferred items, each group with the latest chunk that it waits for.
    deferred: VecDeque<(u64, Vec<D>)>,
}

impl<R, D> Default for InFlight<R, D> {
    fn default() -> Self {
        Self {
            tasks: JoinSet::new(),
            open: BTreeSet::new(),
            latest: 0,
            deferred: VecDeque::new(),
        }
    }
}

impl<R: Send + 'static, D> InFlight<R, D> {
    /// Whether no chunk is in flight.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether another chunk may be received.
    pub fn has_capacity(&self) -> bool {
        self.open.len() < MAX_CHUNKS
    }

    /// Whether items are deferred.
    pub fn has_deferred(&self) -> bool {
        !self.deferred.is_empty()
    }

    /// Starts to settle a chunk.
    pub fn spawn(&mut self, settle: impl Future<Output = R> + Send + 'static) {
        self.latest += 1;
        let number = self.latest;
        self.open.insert(number);
        self.tasks.spawn(async move { (number, settle.await) });
    }

    /// Defers items until the chunks that are in flight now are settled.
    pub fn defer(&mut self, items: Vec<D>) {
        if !items.is_empty() {
            self.deferred.push_back((self.latest, items));
        }
    }

    /// Waits for the next chunk to settle and returns its result; `None` if none is in flight.
    /// Cancellation safe.
    pub async fn next(&mut self) -> Option<Result<R, JoinError>> {
        Some(self.tasks.join_next().await?.map(|(number, result)| {
            self.open.remove(&number);
            result
        }))
    }

    /// Removes and returns the items whose barrier is passed.
    pub fn take_ready(&mut self) -> Vec<D> {
        let oldest = self.open.first().copied().unwrap_or(u64::MAX);
        let mut ready = Vec::new();
        while let Some((_, items)) = self.deferred.pop_front_if(|(chunk, _)| *chunk < oldest) {
            ready.extend(items);
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn items_are_ready_once_all_chunks_before_them_are_settled() {
        let mut in_flight = InFlight::default();
        let [first, second, third] = [(); 3].map(|()| {
            let (settle, settled) = oneshot::channel();
            in_flight.spawn(settled);
            if in_flight.open.len() == 2 {
                in_flight.defer(vec!["deferred after two chunks"]);
            }
            settle
        });
        third.send(3).unwrap();
        assert_eq!(in_flight.next().await.unwrap().unwrap(), Ok(3));
        second.send(2).unwrap();
        assert_eq!(in_flight.next().await.unwrap().unwrap(), Ok(2));
        assert!(in_flight.take_ready().is_empty() && in_flight.has_deferred());
        first.send(1).unwrap();
        assert_eq!(in_flight.next().await.unwrap().unwrap(), Ok(1));
        assert_eq!(in_flight.take_ready(), ["deferred after two chunks"]);
        assert!(in_flight.next().await.is_none() && in_flight.is_empty());
    }
}
