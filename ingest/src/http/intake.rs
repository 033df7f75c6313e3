//! What every fact goes through, whichever route it came by: completed, handed to a writer, settled.

use std::time::Duration;

use analytics_shared::{
    auth::Caller,
    clock,
    event_type::EventType,
    problem::{FactIdentity, Problem},
};
use chrono::{DateTime, Utc};
use tokio::{sync::oneshot, time::Instant};
use uuid::Uuid;

use super::{
    fact::TrackRequest,
    networks::Networks,
    refused::{RETRY_AFTER, not_stored},
};
use crate::{
    batch::Outcome,
    enrich::{Client, Enricher, Flag, Refusal, Sent},
    metrics::{self, Way},
    writer::{QueueFull, Writers},
};

/// The longest that a producer waits for the commit.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the endpoints work with.
#[derive(Clone)]
pub struct IngestState {
    /// Completes facts.
    pub enricher: Enricher,
    /// Stores them.
    pub writers: Writers,
    /// Whose word on a client's address is taken.
    pub trusted: Networks,
}

/// One request with one fact or many: who sends, and until when there must be an answer.
pub struct Intake<'a> {
    state: &'a IngestState,
    caller: Option<Caller>,
    client: Client,
    deadline: Instant,
}

/// A fact on its way.
pub struct Pending {
    id: Uuid,
    created_at: DateTime<Utc>,
    event_type: EventType,
    flag: Option<Flag>,
    outcome: oneshot::Receiver<Outcome>,
}

impl Pending {
    /// Identity of the fact.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }
}

/// A fact that is in the database.
pub struct Settled {
    /// Its identity.
    pub id: Uuid,
    /// Whether this request stored it.
    pub is_new: bool,
    /// Whether it is left out of all figures.
    pub is_flagged: bool,
}

impl<'a> Intake<'a> {
    /// The intake of a request that begins now.
    #[must_use]
    pub fn new(state: &'a IngestState, caller: Option<Caller>, client: Client) -> Self {
        Self {
            state,
            caller,
            client,
            deadline: Instant::now() + PATIENCE,
        }
    }

    /// The whole fact.
    ///
    /// # Errors
    /// When it cannot be taken, or the database did not answer in time.
    pub async fn complete(&self, sent: TrackRequest) -> Result<Sent, Problem> {
        let draft = sent.try_into()?;
        let enricher = &self.state.enricher;
        let completing = enricher.sent_by(self.caller.as_ref(), &self.client, draft, clock::now());
        let completed: Result<Sent, Refusal> = tokio::time::timeout_at(self.deadline, completing)
            .await
            .map_err(|_| not_stored())?;
        Ok(completed?)
    }

    /// Hands a fact to its writer, if there is room.
    ///
    /// # Errors
    /// When there is none.
    pub fn offer(&self, sent: Sent) -> Result<Pending, Problem> {
        let Sent { fact, flag } = sent;
        let (id, created_at, event_type) = (fact.id, fact.created_at, fact.event_type.clone());
        match self.state.writers.offer(fact) {
            Ok(outcome) => Ok(Pending {
                id,
                created_at,
                event_type,
                flag,
                outcome,
            }),
            Err(QueueFull) => Err(not_taken(&event_type)),
        }
    }

    /// Hands a fact to its writer, and waits for room.
    ///
    /// # Errors
    /// When there was none in time.
    pub async fn submit(&self, sent: Sent) -> Result<Pending, Problem> {
        let Sent { fact, flag } = sent;
        let (id, created_at, event_type) = (fact.id, fact.created_at, fact.event_type.clone());
        match tokio::time::timeout_at(self.deadline, self.state.writers.submit(fact)).await {
            Ok(outcome) => Ok(Pending {
                id,
                created_at,
                event_type,
                flag,
                outcome,
            }),
            Err(_) => Err(not_taken(&event_type)),
        }
    }

    /// Waits for the commit.
    ///
    /// # Errors
    /// When the fact is not stored, or nothing is known of it in time.
    pub async fn settle(&self, pending: Pending) -> Result<Settled, Problem> {
        // Nothing is known if it takes too long, or the writers have stopped.
        let known = tokio::time::timeout_at(self.deadline, pending.outcome).await;
        let outcome = known
            .ok()
            .and_then(Result::ok)
            .unwrap_or(Outcome::Unavailable);
        metrics::fact_settled(Way::Http, &pending.event_type, outcome);
        let is_new = match outcome {
            Outcome::Stored => true,
            Outcome::Duplicate => false,
            Outcome::Refused => {
                return Err(Problem::invalid("body", "the database refuses a value"));
            }
            Outcome::Unavailable => {
                let (id, created_at) = (pending.id, pending.created_at);
                return Err(Problem::perhaps_stored(
                    FactIdentity { id, created_at },
                    RETRY_AFTER,
                ));
            }
            Outcome::Broken => return Err(Problem::internal()),
        };
        if let Some(flag) = pending.flag.filter(|_| is_new) {
            metrics::fact_flagged(flag.reason());
        }
        Ok(Settled {
            id: pending.id,
            is_new,
            is_flagged: pending.flag.is_some(),
        })
    }
}

fn not_taken(event_type: &EventType) -> Problem {
    metrics::fact_settled(Way::Http, event_type, Outcome::Unavailable);
    not_stored()
}
