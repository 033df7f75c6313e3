//! What every fact goes through, whichever route it came by: begun, made whole, handed to a writer,
//! settled. What the database does not take in time is kept by the broker, where there is one.

use std::{sync::Arc, time::Duration};

use analytics_shared::{
    auth::Caller,
    clock,
    problem::{FactIdentity, Problem},
};
use tokio::{sync::oneshot, time::Instant};
use uuid::Uuid;

use super::{
    fact::TrackRequest,
    networks::Networks,
    refused::{RETRY_AFTER, not_stored},
};
use crate::{
    amqp::Overflow,
    batch::Outcome,
    enrich::{Client, Enricher, Flag, Refusal, Sent},
    metrics::{self, Settlement, Way},
    row::Row,
    writer::{QueueFull, Writers},
};

/// The longest that a producer waits for the commit.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the endpoints work with.
#[derive(Clone)]
pub struct IngestState {
    /// Completes facts.
    pub enricher: Enricher,
    /// Stores them.
    pub writers: Writers,
    /// Keeps them while the database is away.
    pub overflow: Overflow,
    /// Whose word on a client's address is taken.
    pub trusted: Networks,
}

/// One request with one fact or many: who sends, and until when the database may answer.
pub struct Intake<'a> {
    state: &'a IngestState,
    caller: Option<Caller>,
    client: Client,
    deadline: Instant,
}

/// A fact on its way.
pub struct Pending {
    row: Arc<Row>,
    flag: Option<Flag>,
    /// What its writer will say; nothing, where it was not handed to one.
    outcome: Option<oneshot::Receiver<Outcome>>,
}

impl Pending {
    /// Identity of the fact.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.row.id
    }
}

/// A fact that is safe.
pub struct Settled {
    /// Its identity.
    pub id: Uuid,
    /// Where it is.
    pub status: Status,
}

/// Where a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In the database, by this request.
    Stored,
    /// In the database already.
    Duplicate,
    /// In the database by this request, and left out of all figures.
    Flagged,
    /// In the broker, on its way to the database.
    Queued,
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

    /// The fact, but for what its registration tells.
    ///
    /// # Errors
    /// When it cannot be taken, or the database did not say in time whether it can.
    pub async fn begin(&self, sent: TrackRequest) -> Result<Sent, Problem> {
        let draft = sent.try_into()?;
        let enricher = &self.state.enricher;
        let beginning = enricher.sent_by(self.caller.as_ref(), &self.client, draft, clock::now());
        let begun: Result<Sent, Refusal> = tokio::time::timeout_at(self.deadline, beginning)
            .await
            .map_err(|_| not_stored())?;
        Ok(begun?)
    }

    /// Makes facts whole, as far as the database tells in time what they lack.
    pub async fn follow(&self, sent: Vec<&mut Sent>) {
        let following = self.state.enricher.follow(sent);
        if let Ok(Err(error)) = tokio::time::timeout_at(self.deadline, following).await {
            tracing::warn!(%error, "looking up registrations failed");
        }
    }

    /// Hands a fact to its writer, if there is room.
    ///
    /// # Errors
    /// When there is none, and no broker either.
    pub fn offer(&self, sent: Sent) -> Result<Pending, Problem> {
        let (mut pending, is_whole) = Pending::of(sent);
        if is_whole {
            match self.state.writers.offer(Arc::clone(&pending.row)) {
                Ok(outcome) => pending.outcome = Some(outcome),
                Err(QueueFull) if self.state.overflow.is_open() => {}
                Err(QueueFull) => return Err(pending.not_taken()),
            }
        }
        Ok(pending)
    }

    /// Hands a fact to its writer, and waits for room.
    pub async fn submit(&self, sent: Sent) -> Pending {
        let (mut pending, is_whole) = Pending::of(sent);
        if is_whole {
            let submitting = self.state.writers.submit(Arc::clone(&pending.row));
            let submitted = tokio::time::timeout_at(self.deadline, submitting).await;
            pending.outcome = submitted.ok();
        }
        pending
    }

    /// Waits for the commit; what is not committed in time goes to the broker.
    ///
    /// # Errors
    /// When the fact is neither stored nor kept, or nothing is known of it in time.
    pub async fn settle(&self, mut pending: Pending) -> Result<Settled, Problem> {
        let outcome = match &mut pending.outcome {
            Some(outcome) => tokio::time::timeout_at(self.deadline, outcome).await.ok(),
            None => None,
        };
        // Nothing is known if it takes too long, or the writers have stopped.
        let outcome = outcome.and_then(Result::ok).unwrap_or(Outcome::Unavailable);
        let status = match outcome {
            Outcome::Unavailable => return self.keep(pending).await,
            Outcome::Stored if pending.flag.is_some() => Ok(Status::Flagged),
            Outcome::Stored => Ok(Status::Stored),
            Outcome::Duplicate => Ok(Status::Duplicate),
            Outcome::Refused => Err(Problem::invalid("body", "the database refuses a value")),
            Outcome::Broken => Err(Problem::internal()),
        };
        metrics::fact_settled(Way::Http, &pending.row.event_type, outcome.into());
        Ok(pending.settled(status?))
    }

    async fn keep(&self, pending: Pending) -> Result<Settled, Problem> {
        match self.state.overflow.keep(&pending.row).await {
            Ok(()) => {
                let event_type = &pending.row.event_type;
                metrics::fact_settled(Way::Http, event_type, Settlement::Queued);
                Ok(pending.settled(Status::Queued))
            }
            Err(not_kept) => {
                tracing::debug!(%not_kept, "a fact is turned away");
                Err(pending.not_taken())
            }
        }
    }
}

impl Pending {
    fn of(sent: Sent) -> (Self, bool) {
        let pending = Self {
            row: Arc::new(sent.fact.into()),
            flag: sent.flag,
            outcome: None,
        };
        (pending, sent.is_whole)
    }

    fn settled(&self, status: Status) -> Settled {
        let flag = self.flag.filter(|_| status != Status::Duplicate);
        if let Some(flag) = flag {
            metrics::fact_flagged(flag.reason());
        }
        Settled {
            id: self.row.id,
            status,
        }
    }

    fn not_taken(&self) -> Problem {
        let unavailable = Outcome::Unavailable.into();
        metrics::fact_settled(Way::Http, &self.row.event_type, unavailable);
        let (id, created_at) = self.row.identity();
        match self.outcome {
            // A writer has it, and may yet store it.
            Some(_) => Problem::commit_unknown(FactIdentity { id, created_at }, RETRY_AFTER),
            None => not_stored(),
        }
    }
}
