//! Chunks of messages that are being stored, and messages that wait for them.

use std::{
    collections::{BTreeSet, VecDeque},
    future::Future,
};

use tokio::task::JoinSet;

use super::told::Told;

/// What is under way on one channel.
#[derive(Default)]
pub struct UnderWay {
    tasks: JoinSet<(u64, lapin::Result<()>)>,
    /// Numbers of the chunks that are not settled yet.
    open: BTreeSet<u64>,
    /// The number of the latest chunk.
    latest: u64,
    /// Messages, each group with the latest chunk that it waits for.
    deferred: VecDeque<(u64, Vec<Told>)>,
}

impl UnderWay {
    /// Whether everything is settled.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// A chunk that `settling` brings to its end.
    pub fn spawn(&mut self, settling: impl Future<Output = lapin::Result<()>> + Send + 'static) {
        self.latest += 1;
        let number = self.latest;
        self.open.insert(number);
        self.tasks.spawn(async move { (number, settling.await) });
    }

    /// Lets messages wait until all chunks are settled that are under way now.
    pub fn defer(&mut self, told: Vec<Told>) {
        if !told.is_empty() {
            self.deferred.push_back((self.latest, told));
        }
    }

    /// Waits until another chunk is settled. Returns the messages that have waited long enough.
    /// Nothing is lost when it is dropped.
    ///
    /// # Errors
    /// When settling failed.
    pub async fn next_settled(&mut self) -> lapin::Result<Vec<Told>> {
        let Some(ended) = self.tasks.join_next().await else {
            return Ok(Vec::new());
        };
        let (number, settled) = ended.map_err(std::io::Error::other)?;
        settled?;
        self.open.remove(&number);
        let oldest = self.open.first().copied().unwrap_or(u64::MAX);
        let mut ready = Vec::new();
        while let Some((_, told)) = self.deferred.pop_front_if(|(chunk, _)| *chunk < oldest) {
            ready.extend(told);
        }
        Ok(ready)
    }

    /// Waits until everything is settled. What was deferred is left to the broker.
    ///
    /// # Errors
    /// When settling failed.
    pub async fn finish(mut self) -> lapin::Result<()> {
        while !self.is_empty() {
            self.next_settled().await?;
        }
        Ok(())
    }
}
