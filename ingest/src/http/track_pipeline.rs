//! The steps of every HTTP fact: enrich, resolve its registration, submit, await the commit. A fact
//! that is not committed in time goes to the overflow queue, if there is a broker.

use std::time::Duration;

use analytics_shared::{
    auth::{Caller, Policy},
    clock,
    problem::{FactIdentity, Problem},
};
use tokio::time::{Instant, timeout_at};

use super::{
    problems::{RETRY_AFTER, not_stored},
    receipts::{Receipt, ReceiptStatus},
    trusted_proxies::TrustedProxies,
};
use crate::{
    amqp::overflow::Overflow,
    enrich::{
        bot::BotSignal,
        client::{Client, Sender},
        enricher::{EnrichedFact, Enricher, EventTenants},
        incoming_fact::IncomingFact,
    },
    metrics::{self, Transport},
    pipeline::pending::Pending,
    writer::{Writers, outcome::Outcome},
};

/// The time from the start of a request to the commit of its facts.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(2);

/// The state of the endpoints.
#[derive(Clone)]
pub struct IngestState {
    /// The permissions of senders.
    pub policy: Policy,
    /// Enriches facts.
    pub enricher: Enricher,
    /// Stores facts.
    pub writers: Writers,
    /// Keeps facts while the database is unavailable.
    pub overflow: Overflow,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: TrustedProxies,
}

/// A submitted fact, with the reason why it is excluded from all figures, if it is.
pub type PendingFact = Pending<Option<BotSignal>>;

/// The pipeline of one request, with its sender and its deadline.
pub struct TrackPipeline<'a> {
    state: &'a IngestState,
    sender: Sender,
    client: Client,
    deadline: Instant,
}

impl<'a> TrackPipeline<'a> {
    /// The pipeline of a request that starts now.
    pub fn new(state: &'a IngestState, caller: Option<Caller>, client: Client) -> Self {
        Self {
            state,
            sender: Sender::new(caller, state.policy.clone()),
            client,
            deadline: Instant::now() + COMMIT_TIMEOUT,
        }
    }

    /// Returns the tenants of the events of `facts`, as far as they are known before the deadline.
    pub async fn tenants<'f>(
        &self,
        facts: impl IntoIterator<Item = &'f IncomingFact>,
    ) -> EventTenants {
        let events = facts.into_iter().filter_map(|fact| fact.event_id).collect();
        let enricher = &self.state.enricher;
        enricher.tenants_until(events, self.deadline).await
    }

    /// Enriches a fact. Fails if it is invalid, or if a look-up exceeds the deadline.
    pub async fn enrich(
        &self,
        incoming: IncomingFact,
        tenants: &EventTenants,
    ) -> Result<EnrichedFact, Problem> {
        let (enricher, sender) = (&self.state.enricher, &self.sender);
        let enriching = enricher.enrich_http(sender, &self.client, incoming, tenants, clock::now());
        let result = timeout_at(self.deadline, enriching).await;
        Ok(result.map_err(|_| not_stored())??)
    }

    /// Completes facts with their registrations, as far as the look-up succeeds within the deadline.
    pub async fn resolve(&self, facts: Vec<&mut EnrichedFact>) {
        let resolving = self.state.enricher.resolve_registrations(facts);
        if let Ok(Err(error)) = timeout_at(self.deadline, resolving).await {
            tracing::warn!(%error, "registration look-up failed");
        }
    }

    /// Submits a fact if the write buffer has room. Fails if it has none and there is no broker.
    pub fn try_submit(&self, fact: EnrichedFact) -> Result<PendingFact, Problem> {
        let mut pending = Pending::new(fact.bot_signal, fact.fact);
        if fact.is_complete
            && pending.try_submit(&self.state.writers).is_err()
            && !self.state.overflow.is_open()
        {
            settled(&pending, Outcome::Unavailable.label());
            return Err(not_stored());
        }
        Ok(pending)
    }

    /// Submits a fact once the write buffer has room, within the deadline.
    pub async fn submit(&self, fact: EnrichedFact) -> PendingFact {
        let mut pending = Pending::new(fact.bot_signal, fact.fact);
        if fact.is_complete {
            let submitting = pending.submit(&self.state.writers);
            // A fact that is not submitted in time goes to the overflow queue.
            let _ = timeout_at(self.deadline, submitting).await;
        }
        pending
    }

    /// Waits for the commit. A fact that is not committed within the deadline goes to the overflow
    /// queue. Fails if it is neither stored nor queued, or if the commit is uncertain.
    pub async fn await_commit(&self, mut fact: PendingFact) -> Result<Receipt, Problem> {
        let outcome = timeout_at(self.deadline, fact.outcome()).await;
        let outcome = outcome.unwrap_or(Outcome::Unavailable);
        let result = match outcome {
            Outcome::Stored if fact.origin.is_some() => Ok(ReceiptStatus::Flagged),
            Outcome::Stored => Ok(ReceiptStatus::Stored),
            Outcome::Duplicate => Ok(ReceiptStatus::Duplicate),
            Outcome::Unavailable => self.spill(&fact).await,
            Outcome::Invalid => Err(Problem::invalid("body", "the database rejects a value")),
            Outcome::Failed => Err(Problem::internal()),
        };
        let is_queued = matches!(result, Ok(ReceiptStatus::Queued));
        settled(&fact, if is_queued { "queued" } else { outcome.label() });
        let status = result?;
        if let Some(signal) = fact.origin.filter(|_| status != ReceiptStatus::Duplicate) {
            metrics::fact_flagged(signal.reason());
        }
        let id = fact.row.id;
        Ok(Receipt { id, status })
    }

    /// Publishes a fact to the overflow queue.
    async fn spill(&self, fact: &PendingFact) -> Result<ReceiptStatus, Problem> {
        let Err(error) = self.state.overflow.publish(&fact.row).await else {
            return Ok(ReceiptStatus::Queued);
        };
        tracing::debug!(%error, "a fact is neither stored nor queued");
        if !fact.is_submitted() {
            return Err(not_stored());
        }
        // A writer may still store it.
        let (id, created_at) = fact.row.identity();
        let identity = FactIdentity { id, created_at };
        Err(Problem::commit_unknown(identity, RETRY_AFTER))
    }
}

fn settled(fact: &PendingFact, outcome: &'static str) {
    metrics::fact_settled(Transport::Http, &fact.row.event_type, outcome);
}
