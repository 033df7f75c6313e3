//! The receipts of facts, single and of a batch.

use analytics_shared::problem::Problem;
use chrono::{DateTime, TimeZone, Utc};
use poem_openapi::{Enum, Object, types::Example};
use uuid::Uuid;

use super::track_request::EXAMPLE_ID;

/// The time of the fact in examples, that of its id.
const EXAMPLE_NANOSECONDS: i64 = 1_732_357_520_000_000_000;

/// The result of a fact.
#[derive(Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Receipt {
    /// The id under which the fact is stored: the one that was sent, or for senders without the role `SERVICE`
    /// one that is derived from it. Sent again with the same id and time, the fact is counted once. If the fact is
    /// `queued` and its event could not be looked up, the id that was sent.
    pub id: Uuid,
    /// The status of the fact.
    pub status: ReceiptStatus,
    /// The time of the fact as it was read, in UTC and with the precision of the database, a microsecond.
    pub created_at: DateTime<Utc>,
    /// The names of properties that are not stored, at most 20: personal data, a referrer that is the site of the
    /// page itself or no URL, and without a token of the event's tenant all that have no meaning for the service.
    #[oai(skip_serializing_if_is_empty, default)]
    pub dropped_properties: Vec<String>,
    /// The names of properties that are longer than 200 characters and stored without the rest.
    #[oai(skip_serializing_if_is_empty, default)]
    pub cut_properties: Vec<String>,
}

/// The status of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum ReceiptStatus {
    /// Stored by this request.
    Stored,
    /// Stored before; nothing was changed.
    Duplicate,
    /// Stored by this request and excluded from all figures: sent by a bot, or a prefetch.
    Flagged,
    /// Kept in a durable queue while the database is unavailable. It will be stored once and need not be
    /// sent again. It is dropped if its event could not be looked up, and the sender may not send the fact about it.
    Queued,
    /// Not stored; only in batches, where `error` gives the reason.
    Rejected,
}

/// The results of the facts of a batch.
#[derive(Object)]
#[oai(example)]
pub struct BatchReceipts {
    /// One receipt per fact, in the order of the request.
    receipts: Vec<BatchReceipt>,
    /// The number of facts by status.
    totals: BatchTotals,
}

/// The result of one fact of a batch.
#[derive(Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
struct BatchReceipt {
    /// The position of the fact in the batch, from 0.
    index: usize,
    /// The id under which the fact is stored, as for a single fact. For a rejected fact, the id with which it
    /// can be sent again, if it has one.
    id: Option<Uuid>,
    /// The status of the fact.
    status: ReceiptStatus,
    /// The time of the fact as it was read; missing for a rejected fact.
    created_at: Option<DateTime<Utc>>,
    /// The names of properties that are not stored, at most 20.
    #[oai(skip_serializing_if_is_empty, default)]
    dropped_properties: Vec<String>,
    /// The names of properties that are stored without the end of a text that is too long.
    #[oai(skip_serializing_if_is_empty, default)]
    cut_properties: Vec<String>,
    /// The reason of a rejection.
    error: Option<ReceiptError>,
}

/// The reason why a fact was rejected.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ReceiptError {
    /// A stable code of the kind of error.
    code: String,
    /// The path of the invalid field, with dots, if the error concerns a field.
    field: Option<String>,
    /// A description of the error.
    message: String,
    /// Whether the same fact can succeed later.
    retryable: bool,
}

/// The number of facts by status.
#[derive(Default, Object)]
struct BatchTotals {
    /// Stored by this request.
    stored: usize,
    /// Stored before.
    duplicate: usize,
    /// Stored by this request and excluded from all figures.
    flagged: usize,
    /// Kept in a durable queue while the database is unavailable.
    queued: usize,
    /// Not stored.
    rejected: usize,
}

/// A batch of which nothing was stored, and some facts can be stored later.
#[derive(Object)]
#[oai(example)]
pub struct BatchUnavailable {
    #[oai(flatten)]
    problem: Problem,
    /// One receipt per fact, in the order of the request; empty if the batch was not read
    /// (`overloaded`).
    #[oai(default)]
    receipts: Vec<BatchReceipt>,
    /// The number of facts by status.
    #[oai(default)]
    totals: BatchTotals,
}

/// A fact that is not stored.
pub struct Rejection {
    /// The id with which it can be sent again.
    pub id: Option<Uuid>,
    /// The reason.
    pub problem: Problem,
}

impl BatchReceipts {
    /// Whether nothing of the batch is stored or queued, and some of it can be later.
    pub fn is_unavailable(&self) -> bool {
        let is_retryable = |receipt: &BatchReceipt| {
            let error = receipt.error.as_ref();
            error.is_some_and(|error| error.retryable)
        };
        self.totals.rejected == self.receipts.len() && self.receipts.iter().any(is_retryable)
    }
}

impl BatchUnavailable {
    /// `problem`, with the receipts.
    pub fn new(problem: Problem, receipts: BatchReceipts) -> Self {
        Self {
            problem: problem.of_current_request(),
            receipts: receipts.receipts,
            totals: receipts.totals,
        }
    }
}

impl FromIterator<Result<Receipt, Rejection>> for BatchReceipts {
    fn from_iter<I: IntoIterator<Item = Result<Receipt, Rejection>>>(facts: I) -> Self {
        let receipts = facts.into_iter().enumerate();
        let receipts: Vec<_> = receipts
            .map(|(index, fact)| BatchReceipt::new(index, fact))
            .collect();
        let count = |status| {
            let same = receipts.iter().filter(|receipt| receipt.status == status);
            same.count()
        };
        let totals = BatchTotals {
            stored: count(ReceiptStatus::Stored),
            duplicate: count(ReceiptStatus::Duplicate),
            flagged: count(ReceiptStatus::Flagged),
            queued: count(ReceiptStatus::Queued),
            rejected: count(ReceiptStatus::Rejected),
        };
        Self { receipts, totals }
    }
}

impl BatchReceipt {
    fn new(index: usize, fact: Result<Receipt, Rejection>) -> Self {
        match fact {
            Ok(receipt) => Self {
                index,
                id: Some(receipt.id),
                status: receipt.status,
                created_at: Some(receipt.created_at),
                dropped_properties: receipt.dropped_properties,
                cut_properties: receipt.cut_properties,
                error: None,
            },
            Err(Rejection { id, problem }) => Self {
                index,
                id,
                status: ReceiptStatus::Rejected,
                created_at: None,
                dropped_properties: Vec::new(),
                cut_properties: Vec::new(),
                error: Some(problem.into()),
            },
        }
    }
}

impl From<Problem> for ReceiptError {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code().to_owned(),
            field: problem.field_name().map(str::to_owned),
            message: problem.message().to_owned(),
            retryable: problem.status().is_server_error(),
        }
    }
}

impl Example for Receipt {
    fn example() -> Self {
        Self {
            id: EXAMPLE_ID,
            status: ReceiptStatus::Stored,
            created_at: Utc.timestamp_nanos(EXAMPLE_NANOSECONDS),
            dropped_properties: Vec::new(),
            cut_properties: Vec::new(),
        }
    }
}

impl Example for BatchReceipts {
    fn example() -> Self {
        let rejected = Rejection {
            id: None,
            problem: Problem::malformed("eventId", "must be a UUID"),
        };
        [Ok(Receipt::example()), Err(rejected)]
            .into_iter()
            .collect()
    }
}

impl Example for BatchUnavailable {
    fn example() -> Self {
        let problem = Problem::unavailable("the database is unavailable", 2);
        let rejected = Rejection {
            id: Some(EXAMPLE_ID),
            problem: problem.clone(),
        };
        Self::new(problem, [Err(rejected)].into_iter().collect())
    }
}
