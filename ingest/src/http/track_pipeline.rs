//! The steps of every HTTP fact: enrich, resolve its registration, submit, await the commit. A fact
//! that is not committed in time goes to the overflow queue, if there is a broker.

use std::{sync::Arc, time::Duration};

use analytics_shared::{
    auth::{Caller, Policy},
    clock,
    fact::{Fact, Provenance},
    problem::{FactIdentity, Problem},
};
use tokio::time::{Instant, error::Elapsed, timeout_at};
use uuid::Uuid;

use super::{
    problems::{RETRY_AFTER, not_stored},
    receipts::{Receipt, ReceiptStatus},
};
use crate::{
    amqp::overflow::Overflow,
    enrich::{
        bot::BotSignal,
        client::Client,
        enricher::{EnrichedFact, Enricher, EventTenants},
        incoming_fact::IncomingFact,
        properties::changes::PropertyChanges,
        sender::{Sender, checked_fact::CheckedFact, unattributed_fact::UnattributedFact},
    },
    limits::{event_quota::EventQuota, event_values::EventValues},
    metrics::{self, FactOutcome, IgnoredClaim, Transport},
    pipeline::pending::Pending,
    store::{
        error::StoreError,
        lookup::write_keys::{ActiveWriteKey, WriteKeys},
    },
    writer::{Writers, outcome::Outcome},
};

/// The time from the start of a request to the commit of its facts.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum number of dropped, and of cut properties that a receipt names.
const MAX_NAMES: usize = 20;

/// The state of the endpoints.
pub struct IngestState {
    /// The permissions of senders.
    pub policy: Policy,
    /// Enriches facts.
    pub enricher: Enricher,
    /// Stores facts.
    pub writers: Writers,
    /// Keeps facts while the database is unavailable.
    pub overflow: Overflow,
    /// The active write keys.
    pub write_keys: WriteKeys,
    /// Whether senders without a token need a write key.
    pub requires_write_key: bool,
    /// Limits the disk space of facts without a token.
    pub quota: EventQuota,
    /// Limits the distinct values of facts whose senders are not trusted.
    pub values: EventValues,
}

/// A submitted fact.
pub type PendingFact = Pending<SentFact>;

/// The data of a fact for its response.
pub struct SentFact {
    /// The id with which the sender can send it again.
    pub sent_id: Uuid,
    /// The reason why it is excluded from all figures, if it is.
    bot_signal: Option<BotSignal>,
    /// The properties that are not stored as they are sent.
    changes: PropertyChanges,
    /// The form in which it waits in the overflow queue, if its tenant could not be determined.
    unattributed: Option<UnattributedFact>,
}

/// The pipeline of one request, with its sender and its deadline.
pub struct TrackPipeline<'a> {
    state: &'a IngestState,
    sender: Sender,
    client: Client,
    deadline: Instant,
}

impl<'a> TrackPipeline<'a> {
    /// The pipeline of a request that starts now.
    pub fn new(
        state: &'a IngestState,
        caller: Option<Caller>,
        write_key: Option<Arc<ActiveWriteKey>>,
        client: Client,
    ) -> Self {
        Self {
            state,
            sender: Sender::new(caller, write_key, state.policy.clone()),
            client,
            deadline: Instant::now() + COMMIT_TIMEOUT,
        }
    }

    /// Checks a fact, as far as that is possible without a look-up.
    pub fn check(&self, incoming: IncomingFact) -> Result<CheckedFact, Problem> {
        Ok(CheckedFact::new(&self.sender, incoming, clock::now())?)
    }

    /// Returns the tenants of the events of `facts`, as far as they are known before the deadline.
    pub async fn tenants<'f>(
        &self,
        facts: impl IntoIterator<Item = &'f CheckedFact>,
    ) -> EventTenants {
        let events = facts.into_iter().filter_map(|fact| fact.incoming.event_id);
        let events = events.collect();
        let enricher = &self.state.enricher;
        enricher.tenants_until(events, self.deadline).await
    }

    /// Enriches a fact, as far as the look-ups succeed within the deadline. Fails if its sender may not send it.
    pub async fn enrich(
        &self,
        checked: CheckedFact,
        tenants: &EventTenants,
    ) -> Result<EnrichedFact, Problem> {
        let enricher = &self.state.enricher;
        let enriching = enricher.enrich_http(&self.client, checked, tenants, self.deadline);
        Ok(enriching.await?)
    }

    /// Completes facts with their registrations, and reads the values that limit them, as far as the look-ups
    /// succeed within the deadline.
    pub async fn resolve(&self, mut facts: Vec<&mut EnrichedFact>) {
        let enriched = facts.iter_mut().map(|fact| &mut **fact).collect();
        let resolving = self.state.enricher.resolve_registrations(enriched);
        log_unexpected(timeout_at(self.deadline, resolving).await, "registrations");
        let attributed = facts.iter().filter(|fact| fact.unattributed.is_none());
        let limited = attributed.map(|fact| &fact.fact);
        let limited: Vec<&Fact> = limited.filter(|fact| is_limited(fact)).collect();
        self.read_values(&limited).await;
    }

    /// Completes facts with the stored values of their days, as far as the look-up succeeds within the
    /// deadline.
    async fn read_values(&self, facts: &[&Fact]) {
        if facts.is_empty() {
            return;
        }
        let now = Instant::now().into_std();
        let reading = self.state.values.read(facts, self.client.network(), now);
        log_unexpected(timeout_at(self.deadline, reading).await, "distinct values");
    }

    /// Submits a fact if the write buffer has room. Fails if it has none and there is no broker.
    pub fn try_submit(&self, fact: EnrichedFact) -> Result<PendingFact, Problem> {
        let is_complete = fact.is_complete;
        let mut pending = self.limit(fact)?;
        if is_complete
            && pending.try_submit(&self.state.writers).is_err()
            && !self.state.overflow.is_open()
        {
            settled(&pending, FactOutcome::Unavailable);
            return Err(not_stored());
        }
        Ok(pending)
    }

    /// Submits a fact once the write buffer has room, within the deadline. Fails if its event has reached a
    /// limit.
    pub async fn submit(&self, fact: EnrichedFact) -> Result<PendingFact, Problem> {
        let is_complete = fact.is_complete;
        let mut pending = self.limit(fact)?;
        if is_complete {
            let submitting = pending.submit(&self.state.writers);
            // A fact that is not submitted in time goes to the overflow queue.
            let _ = timeout_at(self.deadline, submitting).await;
        }
        Ok(pending)
    }

    /// Applies the limits of its event to a fact whose caller is not trusted. One without an attribution is
    /// charged; its values are limited when it is consumed.
    fn limit(&self, enriched: EnrichedFact) -> Result<PendingFact, Problem> {
        let EnrichedFact {
            mut fact,
            bot_signal,
            sent_id,
            changes,
            unattributed,
            ..
        } = enriched;
        let is_attributed = unattributed.is_none();
        if is_attributed && is_limited(&fact) {
            self.state.values.apply(&mut fact, self.client.network())?;
        }
        let is_untrusted = fact.provenance == Provenance::Untrusted;
        let sent = SentFact {
            sent_id,
            bot_signal,
            changes,
            unattributed,
        };
        let pending = Pending::new(sent, fact);
        if is_untrusted && is_attributed {
            self.state.quota.charge(&pending.row)?;
        } else if is_untrusted {
            self.state.quota.charge_unattributed(&pending.row)?;
        }
        Ok(pending)
    }

    /// Waits for the commit. A fact that is not committed within the deadline goes to the overflow
    /// queue. Fails if it is neither stored nor queued, or if the commit is uncertain.
    pub async fn await_commit(&self, mut fact: PendingFact) -> Result<Receipt, Problem> {
        let outcome = timeout_at(self.deadline, fact.outcome()).await;
        let outcome = outcome.unwrap_or(Outcome::Unavailable);
        let result = match outcome {
            Outcome::Stored if fact.origin.bot_signal.is_some() => Ok(ReceiptStatus::Flagged),
            Outcome::Stored => Ok(ReceiptStatus::Stored),
            Outcome::Duplicate => Ok(ReceiptStatus::Duplicate),
            Outcome::Unavailable => self.spill(&fact).await,
            Outcome::Invalid => Err(Problem::invalid("body", "the database rejects a value")),
            Outcome::Failed => Err(Problem::internal()),
        };
        let is_queued = matches!(result, Ok(ReceiptStatus::Queued));
        settled(
            &fact,
            if is_queued {
                FactOutcome::Queued
            } else {
                outcome.into()
            },
        );
        let status = result?;
        let SentFact {
            bot_signal,
            changes,
            ..
        } = fact.origin;
        if status == ReceiptStatus::Duplicate {
            if fact.row.is_claim() {
                metrics::claim_ignored(IgnoredClaim::Known);
                tracing::info!(tenant = %fact.row.tenant_id, event_type = %fact.row.event_type,
                    "ignored a user's claim: the fact is known");
            }
        } else if let Some(signal) = bot_signal {
            metrics::fact_flagged(signal);
        }
        changes.count();
        let shown = |names: Vec<String>| names.into_iter().take(MAX_NAMES).collect();
        Ok(Receipt {
            id: fact.row.id,
            status,
            created_at: fact.row.created_at,
            dropped_properties: shown(changes.dropped),
            cut_properties: shown(changes.cut),
        })
    }

    /// Publishes a fact to the overflow queue.
    async fn spill(&self, fact: &PendingFact) -> Result<ReceiptStatus, Problem> {
        let overflow = &self.state.overflow;
        let published = match &fact.origin.unattributed {
            Some(unattributed) => overflow.publish(unattributed).await,
            None => overflow.publish(&*fact.row).await,
        };
        let Err(error) = published else {
            return Ok(ReceiptStatus::Queued);
        };
        tracing::debug!(%error, "a fact is neither stored nor queued");
        if !fact.is_submitted() {
            return Err(not_stored());
        }
        // A writer may still store it.
        let identity = FactIdentity {
            id: fact.origin.sent_id,
            created_at: fact.row.created_at,
        };
        Err(Problem::commit_unknown(identity, RETRY_AFTER))
    }
}

/// Whether the values of a fact are limited: its sender is not trusted.
fn is_limited(fact: &Fact) -> bool {
    matches!(fact.provenance, Provenance::User | Provenance::Untrusted)
}

/// Logs the error of a look-up, unless it is an outage, which has been logged.
fn log_unexpected(result: Result<Result<(), StoreError>, Elapsed>, of: &'static str) {
    if let Ok(Err(error)) = result
        && !error.is_temporary()
    {
        tracing::warn!(%error, of, "a look-up failed");
    }
}

fn settled(fact: &PendingFact, outcome: FactOutcome) {
    metrics::fact_settled(Transport::Http, &fact.row.event_type, outcome);
}
