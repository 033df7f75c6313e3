//! What became of each fact of a batch.

use analytics_shared::problem::Problem;
use poem_openapi::{Enum, Object, types::Example};
use uuid::Uuid;

use super::{
    fact::EXAMPLE,
    intake::{Settled, Status},
};

/// What became of the facts of a batch.
#[derive(Object)]
#[oai(example)]
pub struct BatchReceipts {
    /// One for each fact, in the order in which they were sent.
    receipts: Vec<BatchReceipt>,
    /// How many facts have each status.
    totals: Totals,
}

/// What became of one fact of a batch.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct BatchReceipt {
    /// The fact's place in the batch, from 0.
    index: usize,
    /// Identity of the fact. A rejected fact has one if the producer gave it.
    id: Option<Uuid>,
    /// What became of it.
    status: BatchStatus,
    /// Why it was rejected.
    error: Option<FactError>,
}

/// What became of one fact of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
enum BatchStatus {
    /// Stored by this request.
    Stored,
    /// Stored already; nothing was changed.
    Duplicate,
    /// Stored by this request, and left out of all figures: a robot sent it, or a prefetch.
    Flagged,
    /// Kept safe while the database is away; it will be stored once, without being sent again.
    Queued,
    /// Not stored; `error` says why.
    Rejected,
}

/// Why a fact was rejected.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct FactError {
    /// The kind of problem, stable, for programs.
    code: String,
    /// The field that is wrong, with dots into objects, where it is about a field.
    field: Option<String>,
    /// What is wrong.
    message: String,
    /// Whether the same fact may be taken later, unchanged.
    retryable: bool,
}

/// How many facts have each status.
#[derive(Default, Object)]
struct Totals {
    /// Stored by this request.
    stored: usize,
    /// Stored already.
    duplicate: usize,
    /// Stored by this request, and left out of all figures.
    flagged: usize,
    /// Kept safe while the database is away.
    queued: usize,
    /// Not stored.
    rejected: usize,
}

/// A batch of which nothing was stored, and some may be later.
#[derive(Object)]
#[oai(example)]
pub struct NothingStored {
    #[oai(flatten)]
    problem: Problem,
    /// One for each fact, in the order in which they were sent. There are none where the batch was not
    /// read at all (`overloaded`).
    #[oai(default)]
    receipts: Vec<BatchReceipt>,
    /// How many facts have each status.
    #[oai(default)]
    totals: Totals,
}

/// A fact that is not stored.
pub struct Rejection {
    /// The id that the producer gave.
    pub id: Option<Uuid>,
    /// Why.
    pub problem: Problem,
}

impl BatchReceipts {
    /// Whether nothing of the batch is safe, and some of it can be later.
    #[must_use]
    pub fn is_worth_sending_again(&self) -> bool {
        let is_retryable = |receipt: &BatchReceipt| {
            let error = receipt.error.as_ref();
            error.is_some_and(|error| error.retryable)
        };
        self.totals.rejected == self.receipts.len() && self.receipts.iter().any(is_retryable)
    }
}

impl Example for BatchReceipts {
    fn example() -> Self {
        let stored = Settled {
            id: EXAMPLE,
            status: Status::Stored,
        };
        let rejected = Rejection {
            id: None,
            problem: Problem::malformed("eventId", "must be a UUID"),
        };
        [Ok(stored), Err(rejected)].into_iter().collect()
    }
}

impl Example for NothingStored {
    fn example() -> Self {
        let problem = Problem::unavailable("the database does not answer", 2);
        let rejected = Rejection {
            id: Some(EXAMPLE),
            problem: problem.clone(),
        };
        Self::new(problem, [Err(rejected)].into_iter().collect())
    }
}

impl FromIterator<Result<Settled, Rejection>> for BatchReceipts {
    fn from_iter<I: IntoIterator<Item = Result<Settled, Rejection>>>(facts: I) -> Self {
        let receipts = facts.into_iter().enumerate();
        let receipts: Vec<_> = receipts
            .map(|(index, settled)| BatchReceipt::new(index, settled))
            .collect();
        let of = |status| {
            let same = receipts.iter().filter(|receipt| receipt.status == status);
            same.count()
        };
        let totals = Totals {
            stored: of(BatchStatus::Stored),
            duplicate: of(BatchStatus::Duplicate),
            flagged: of(BatchStatus::Flagged),
            queued: of(BatchStatus::Queued),
            rejected: of(BatchStatus::Rejected),
        };
        Self { receipts, totals }
    }
}

impl BatchReceipt {
    fn new(index: usize, settled: Result<Settled, Rejection>) -> Self {
        match settled {
            Ok(settled) => Self {
                index,
                id: Some(settled.id),
                status: match settled.status {
                    Status::Stored => BatchStatus::Stored,
                    Status::Duplicate => BatchStatus::Duplicate,
                    Status::Flagged => BatchStatus::Flagged,
                    Status::Queued => BatchStatus::Queued,
                },
                error: None,
            },
            Err(Rejection { id, problem }) => Self {
                index,
                id,
                status: BatchStatus::Rejected,
                error: Some(problem.into()),
            },
        }
    }
}

impl From<Problem> for FactError {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code().to_owned(),
            field: problem.field_name().map(str::to_owned),
            message: problem.message().to_owned(),
            retryable: problem.status().is_server_error(),
        }
    }
}

impl NothingStored {
    /// `problem`, with the receipts.
    #[must_use]
    pub fn new(problem: Problem, answer: BatchReceipts) -> Self {
        let BatchReceipts { receipts, totals } = answer;
        Self {
            problem,
            receipts,
            totals,
        }
    }
}
