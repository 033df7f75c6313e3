//! Rows become facts and go to the writers, chunk by chunk, while the chunks before are stored.

use std::{
    collections::{BTreeSet, VecDeque},
    future::Future,
    mem,
    sync::Arc,
};

use analytics_shared::{clock, fact::Fact};
use anyhow::Context;
use tokio::{sync::mpsc, task::JoinSet, time::interval};

use super::{
    chunk::{Chunk, Origin},
    outcome::Tally,
    progress::RHYTHM,
    rejected::{RejectedFile, Rejection},
    settle::{Pending, Settled, Settler},
};
use crate::{
    enrich::{Enricher, Occurrences, Owners, fill_in, followed_registration},
    row::Row,
    store::{Store, StoreError},
};

/// Chunks that are being stored at the same time.
const UNDER_WAY: usize = 3;

/// Makes facts of rows.
pub struct Importer {
    /// Looks up registrations.
    pub store: Store,
    /// Looks up the tenants of events.
    pub enricher: Enricher,
    /// Brings facts to their end.
    pub settler: Settler,
    /// Whose the facts are.
    pub owners: Owners,
    /// Where rejected rows go.
    pub rejected: RejectedFile,
    /// What became of the rows.
    pub tally: Tally,
    /// Rows without an id, of the file that is being read.
    pub occurrences: (usize, Occurrences),
    /// What is being stored.
    pub under_way: UnderWay,
}

/// Facts that are being stored, and those that wait for them.
#[derive(Default)]
pub struct UnderWay {
    tasks: JoinSet<anyhow::Result<Settled>>,
    unsettled: BTreeSet<u64>,
    handed_over: u64,
    /// Facts whose registration was not found, by the last number that was handed over before: it
    /// may be among those.
    waiting: VecDeque<(u64, Vec<Begun>)>,
}

/// A fact, but for what its registration tells.
struct Begun {
    fact: Fact,
    is_flagged: bool,
    origin: Origin,
}

impl Begun {
    fn followed(&self) -> Option<&str> {
        followed_registration(&self.fact.event_type, &self.fact.properties)
    }
}

impl UnderWay {
    /// Facts that have waited long enough: all that was handed over before them is settled.
    fn ripe(&mut self) -> Vec<Begun> {
        let mut ripe = Vec::new();
        let is_settled = |number| self.unsettled.first().is_none_or(|first| *first > number);
        while let Some((_, facts)) = self.waiting.pop_front_if(|(number, _)| is_settled(*number)) {
            ripe.extend(facts);
        }
        ripe
    }
}

impl Importer {
    /// Takes chunks until there are no more, or until we are asked to stop; then finishes what is
    /// under way. Says whether nothing was left.
    ///
    /// # Errors
    /// When facts cannot be stored whatever we do, or rejected rows cannot be written.
    pub async fn run(&mut self, mut chunks: mpsc::Receiver<Chunk>) -> anyhow::Result<bool> {
        let mut telling = interval(RHYTHM);
        telling.tick().await;
        let is_all = loop {
            tokio::select! {
                () = self.settler.hold.over() => break false,
                Some(settled) = self.under_way.tasks.join_next() => self.settled(settled??)?,
                _ = telling.tick() => self.settler.progress.tell(self.tally.settled()),
                chunk = chunks.recv(), if self.under_way.tasks.len() < UNDER_WAY => match chunk {
                    Some(chunk) => self.take(chunk).await?,
                    None => break true,
                }
            }
        };
        self.finish().await?;
        // Their registrations are stored now, or never will be.
        while !self.under_way.waiting.is_empty() {
            self.hand_over(Vec::new(), 0).await?;
            self.finish().await?;
        }
        Ok(is_all && self.tally.left == 0)
    }

    async fn take(&mut self, chunk: Chunk) -> anyhow::Result<()> {
        let (rows, position) = (chunk.rows.len() as u64, chunk.position);
        self.tally.read += rows;
        if chunk.file != self.occurrences.0 {
            // What one file tells twice happened twice; what two files tell happened once.
            self.occurrences = (chunk.file, Occurrences::default());
        }
        let said = chunk.rows.iter().filter_map(|row| row.said.as_ref().ok());
        let events = said.filter_map(crate::enrich::Checked::event_id).collect();
        let asking = || self.enricher.registered_tenants(Clone::clone(&events));
        let Some(registered) = self.held(asking).await? else {
            self.tally.left += rows;
            return Ok(());
        };
        self.owners.registered = registered;
        let (now, mut begun) = (clock::now(), Vec::with_capacity(chunk.rows.len()));
        for row in chunk.rows {
            let fact = row.said.and_then(|said| {
                let fact = said.begin(&self.owners, &mut self.occurrences.1, now);
                fact.map_err(Rejection::from)
            });
            match fact {
                Ok((fact, flag)) => begun.push(Begun {
                    fact,
                    is_flagged: flag.is_some(),
                    origin: row.origin,
                }),
                Err(why) => self.reject(&row.origin, &why)?,
            }
        }
        self.hand_over(begun, position).await
    }

    /// Hands `begun` to the writers, and what has waited long enough. What lacks its registration
    /// waits until all that is under way is settled; it has what it says itself if that brings none.
    async fn hand_over(&mut self, begun: Vec<Begun>, position: u64) -> anyhow::Result<()> {
        let ripe = self.under_way.ripe();
        let follow = begun.iter().chain(&ripe).filter_map(Begun::followed);
        let ids: Vec<String> = follow.map(str::to_owned).collect();
        let asking = || self.store.registrations(ids.clone());
        let Some(known) = self.held(asking).await? else {
            self.tally.left += (begun.len() + ripe.len()) as u64;
            return Ok(());
        };
        let registration = |begun: &Begun| {
            let fact = &begun.fact;
            known.fitting(begun.followed()?, Some(fact.tenant_id), fact.event_id)
        };
        let lacks = |begun: &Begun| begun.followed().is_some() && registration(begun).is_none();
        let (waiting, mut whole): (Vec<_>, Vec<_>) = begun.into_iter().partition(lacks);
        whole.extend(ripe);
        for begun in &mut whole {
            let registration = registration(begun).cloned();
            fill_in(&mut begun.fact, registration.as_ref());
        }
        let number = self.under_way.handed_over + 1;
        self.under_way.handed_over = number;
        if !waiting.is_empty() {
            self.under_way.waiting.push_back((number, waiting));
        }
        let mut pending = Vec::with_capacity(whole.len());
        for Begun {
            fact,
            is_flagged,
            origin,
        } in whole
        {
            let row = Arc::new(Row::from(fact));
            let outcome = self.settler.writers.submit(Arc::clone(&row)).await;
            pending.push(Pending {
                origin,
                is_flagged,
                row,
                outcome,
            });
        }
        let settled = Settled {
            number,
            position,
            ..Settled::default()
        };
        self.under_way.unsettled.insert(number);
        let settling = self.settler.clone().settle(pending, settled);
        self.under_way.tasks.spawn(settling);
        Ok(())
    }

    /// Waits until all that is under way is settled.
    async fn finish(&mut self) -> anyhow::Result<()> {
        while let Some(settled) = self.under_way.tasks.join_next().await {
            self.settled(settled??)?;
        }
        Ok(())
    }

    fn settled(&mut self, mut settled: Settled) -> anyhow::Result<()> {
        self.under_way.unsettled.remove(&settled.number);
        self.tally.stored += settled.stored;
        self.tally.duplicate += settled.duplicate;
        self.tally.flagged += settled.flagged;
        self.tally.left += settled.left;
        for origin in mem::take(&mut settled.refused) {
            self.reject(&origin, &Rejection::by_database())?;
        }
        self.rejected.flush()?;
        let rows = self.tally.settled();
        self.settler.progress.settled(rows, settled.position);
        Ok(())
    }

    fn reject(&mut self, origin: &Origin, why: &Rejection) -> anyhow::Result<()> {
        self.tally.reject(why);
        self.rejected
            .add(origin, why)
            .context("a rejected row cannot be kept")
    }

    /// The answer of the database, asked until it is there; `None` if we are asked to stop before.
    async fn held<T, F, Fut>(&self, asking: F) -> anyhow::Result<Option<T>>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, StoreError>>,
    {
        let held = self.settler.hold.held(|| async {
            match asking().await {
                Err(broken @ StoreError::Broken(_)) => Ok(Err(broken)),
                Err(error) => {
                    self.settler.progress.holding();
                    Err(error)
                }
                Ok(answer) => Ok(Ok(answer)),
            }
        });
        Ok(held.await?.transpose()?)
    }
}
