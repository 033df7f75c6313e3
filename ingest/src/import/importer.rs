//! Makes facts of rows and submits them, while earlier chunks are in flight.

use std::collections::HashSet;

use analytics_shared::{clock, fact::Fact};
use anyhow::{Context, bail};
use tokio::{sync::mpsc, time::interval};
use uuid::Uuid;

use super::{
    input::{
        chunk::{Chunk, Origin},
        format::Format,
        rejection::Rejection,
    },
    progress::{LOG_INTERVAL, Progress},
    rejected_file::RejectedFile,
    summary::ImportSummary,
};
use crate::{
    enrich::{
        apply_registration,
        enricher::Enricher,
        imported::{TenantLookup, ValidatedRow, occurrence::Occurrences},
        incoming_fact::ChildFact,
    },
    pipeline::{
        in_flight::InFlight,
        pending::{Pending, Submitter},
    },
    store::database::Store,
    writer::outcome::Outcome,
};

/// Imports rows.
pub struct Importer {
    store: Store,
    enricher: Enricher,
    submitter: Submitter,
    progress: Progress,
    tenants: TenantLookup,
    /// The file of rejected rows.
    pub rejected: RejectedFile,
    /// The results so far.
    pub summary: ImportSummary,
    /// The number of the current file, and its rows without an id.
    occurrences: (usize, Occurrences),
    in_flight: InFlight<SettledChunk, AssembledRow>,
}

/// A fact without the data of its registration.
struct AssembledRow {
    fact: Fact,
    source: RowSource,
}

/// The origin of a fact, and whether the fact is excluded from all figures.
struct RowSource {
    origin: Origin,
    is_flagged: bool,
}

/// The facts of a chunk with their outcomes, and the number of bytes of all files that were read up to it.
type SettledChunk = (Vec<(Pending<RowSource>, Outcome)>, u64);

impl Importer {
    /// An importer that writes through `submitter`; `tenant` is the tenant of rows that name none.
    pub fn new(
        store: Store,
        submitter: Submitter,
        progress: Progress,
        tenant: Option<Uuid>,
        rejected: RejectedFile,
    ) -> Self {
        Self {
            enricher: Enricher::new(store.clone()),
            store,
            submitter,
            progress,
            tenants: TenantLookup {
                default: tenant,
                ..TenantLookup::default()
            },
            rejected,
            summary: ImportSummary::default(),
            occurrences: (0, Occurrences::default()),
            in_flight: InFlight::default(),
        }
    }

    /// Imports chunks until there are no more, or until shutdown, and then settles those in flight. Returns
    /// whether all rows have a result. Fails on an internal error of the database, or if a rejected row
    /// cannot be written.
    pub async fn run(&mut self, mut chunks: mpsc::Receiver<Chunk>) -> anyhow::Result<bool> {
        let mut log = interval(LOG_INTERVAL);
        log.tick().await;
        let is_last = loop {
            tokio::select! {
                () = self.submitter.retry.cancelled() => break false,
                Some(settled) = self.in_flight.next() => self.record(settled?)?,
                _ = log.tick() => self.progress.log(self.summary.settled()),
                chunk = chunks.recv(), if self.in_flight.has_capacity() => match chunk {
                    Some(chunk) => self.process(chunk).await?,
                    None => break true,
                }
            }
        };
        self.settle_all().await?;
        // Their registrations are stored now, or not part of this import.
        while self.in_flight.has_deferred() {
            self.submit(Vec::new(), 0).await?;
            self.settle_all().await?;
        }
        Ok(is_last && self.summary.unsettled == 0)
    }

    async fn process(&mut self, mut chunk: Chunk) -> anyhow::Result<()> {
        let rows = chunk.rows.len();
        self.summary.read += rows as u64;
        if chunk.file != self.occurrences.0 {
            // Equal rows of one file are different facts; equal rows of two files are the same fact.
            self.occurrences = (chunk.file, Occurrences::default());
        }
        let parsed = chunk.rows.iter().filter_map(|row| row.parsed.as_ref().ok());
        let events: HashSet<Uuid> = parsed.filter_map(ValidatedRow::event_id).collect();
        let lookup = || self.enricher.registered_tenants(events.clone());
        let Some(registered) = self.submitter.retry.retry(lookup).await? else {
            self.summary.unsettled += rows as u64;
            return Ok(());
        };
        self.tenants.registered = registered;
        if !self.complete_times(&mut chunk).await? {
            self.summary.unsettled += rows as u64;
            return Ok(());
        }
        let (now, mut assembled) = (clock::now(), Vec::with_capacity(rows));
        for row in chunk.rows {
            let fact = row.parsed.and_then(|parsed| {
                let fact = parsed.assemble(&self.tenants, &mut self.occurrences.1, now);
                fact.map_err(Rejection::from)
            });
            match fact {
                Ok((fact, signal)) => assembled.push(AssembledRow {
                    fact,
                    source: RowSource {
                        origin: row.origin,
                        is_flagged: signal.is_some(),
                    },
                }),
                Err(rejection) => self.reject(&row.origin, &rejection)?,
            }
        }
        self.submit(assembled, chunk.position).await
    }

    /// Completes the times of stored facts in a table, which a spreadsheet may have written as it shows them:
    /// the facts are duplicates. Returns whether it was possible before the shutdown.
    async fn complete_times(&self, chunk: &mut Chunk) -> anyhow::Result<bool> {
        if chunk.format == Format::Ndjson {
            return Ok(true);
        }
        let parsed = chunk.rows.iter().filter_map(|row| row.parsed.as_ref().ok());
        let shown: Vec<_> = parsed.filter_map(ValidatedRow::shown_time).collect();
        let lookup = || self.store.fact_times(shown.clone());
        let Some(stored) = self.submitter.retry.retry(lookup).await? else {
            return Ok(false);
        };
        for row in chunk
            .rows
            .iter_mut()
            .filter_map(|row| row.parsed.as_mut().ok())
        {
            if let Some(time) = row.shown_time().and_then(|shown| stored.get(&shown)) {
                row.set_time(*time);
            }
        }
        Ok(true)
    }

    /// Submits `rows`, and deferred rows whose barrier is passed. A row without its registration is
    /// deferred until all chunks in flight are settled, and then submitted with its own data.
    async fn submit(&mut self, rows: Vec<AssembledRow>, position: u64) -> anyhow::Result<()> {
        let ready = self.in_flight.take_ready();
        let parents = rows.iter().chain(&ready);
        let parents = parents.filter_map(|row| row.fact.parent_registration_id());
        let ids: Vec<String> = parents.map(str::to_owned).collect();
        let lookup = || self.store.registrations(ids.clone());
        let Some(known) = self.submitter.retry.retry(lookup).await? else {
            self.summary.unsettled += (rows.len() + ready.len()) as u64;
            return Ok(());
        };
        let lacks_registration = |row: &AssembledRow| {
            let fact = &row.fact;
            fact.parent_registration_id().is_some() && fact.parent_registration(&known).is_none()
        };
        let (incomplete, mut complete): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(lacks_registration);
        complete.extend(ready);
        let mut pending = Vec::with_capacity(complete.len());
        for AssembledRow { mut fact, source } in complete {
            let registration = fact.parent_registration(&known);
            apply_registration(&mut fact, registration);
            pending.push(self.submitter.submit(source, fact).await);
        }
        let submitter = self.submitter.clone();
        self.in_flight
            .spawn(async move { (submitter.settle(pending).await, position) });
        self.in_flight.defer(incomplete);
        Ok(())
    }

    /// Waits for all chunks in flight.
    async fn settle_all(&mut self) -> anyhow::Result<()> {
        while let Some(settled) = self.in_flight.next().await {
            self.record(settled?)?;
        }
        Ok(())
    }

    /// Records the outcomes of a chunk. Fails on an internal error, for example of the schema, which a retry
    /// would repeat.
    fn record(&mut self, (facts, position): SettledChunk) -> anyhow::Result<()> {
        for (fact, outcome) in facts {
            match outcome {
                Outcome::Stored if fact.origin.is_flagged => self.summary.flagged += 1,
                Outcome::Stored => self.summary.stored += 1,
                Outcome::Duplicate => self.summary.duplicate += 1,
                Outcome::Invalid => self.reject(&fact.origin.origin, &Rejection::invalid_data())?,
                Outcome::Unavailable => self.summary.unsettled += 1,
                Outcome::Failed => bail!("facts cannot be stored; see the log"),
            }
        }
        self.rejected.flush()?;
        let rows = self.summary.settled();
        self.progress.update(rows, position);
        Ok(())
    }

    fn reject(&mut self, origin: &Origin, rejection: &Rejection) -> anyhow::Result<()> {
        self.summary.reject(rejection);
        self.rejected
            .add(origin, rejection)
            .context("a rejected row cannot be written")
    }
}
