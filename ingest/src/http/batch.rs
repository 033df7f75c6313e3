//! `POST /api/v1/analytics/track/batch`: many facts, each with a receipt of its own.

use analytics_shared::{
    http::from_json,
    problem::{Problem, ProblemResponse},
};
use futures_util::{FutureExt, StreamExt, stream};
use poem::{http::HeaderMap, web::Data};
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::{
    Tag,
    batch_body::BatchBody,
    caller::CallerIfAny,
    client::ClientOf,
    fact::TrackRequest,
    intake::{IngestState, Intake, Pending, Settled},
    receipts::{BatchReceipts, NothingStored, Rejection},
    refused::{Batching, RETRY_AFTER, not_stored},
};
use crate::{
    enrich::Sent,
    metrics::{self, Way},
};

/// Facts of a batch that are begun at the same time: each may ask the database.
const AT_ONCE: usize = 4;
/// Facts of a batch that wait for the broker at the same time, if the database is away.
const KEPT_AT_ONCE: usize = 100;

/// The write API, batch by batch.
pub struct BatchApi;

#[derive(ApiResponse)]
enum BatchTracked {
    /// Every fact has its receipt, in the order in which they were sent. At least one is stored or
    /// queued, or none ever can be.
    #[oai(status = 202)]
    Accepted(Json<BatchReceipts>),
    /// Nothing was stored or queued, and some of it can be stored later: send the same again after
    /// `Retry-After` seconds. `receipts` and `totals` say more, except where too much is sent at once
    /// to read the batch (`overloaded`).
    #[oai(status = 503, content_type = "application/problem+json")]
    Nothing(
        Json<NothingStored>,
        /// Seconds after which trying again makes sense.
        #[oai(header = "Retry-After")]
        u32,
    ),
}

#[OpenApi(prefix_path = "/api/v1/analytics", tag = "Tag::Tracking")]
impl BatchApi {
    /// Send many facts
    ///
    /// A JSON array, or NDJSON (`application/x-ndjson`), of at most 1,000 facts and 5 MiB after
    /// decompression. Each fact goes through the same rules as a single one and has a receipt of its
    /// own: good facts are stored though others are rejected. Send those again whose error is
    /// `retryable`.
    #[oai(path = "/track/batch", method = "post", operation_id = "trackBatch")]
    async fn track_batch(
        &self,
        Data(state): Data<&IngestState>,
        caller: CallerIfAny,
        headers: &HeaderMap,
        ClientOf(client): ClientOf,
        body: BatchBody,
    ) -> Result<BatchTracked, ProblemResponse<Batching>> {
        let intake = Intake::new(state, caller.of(headers)?, client);
        let receipts = BatchReceipts::from_iter(take(&intake, body.facts()?).await);
        if receipts.is_worth_sending_again() {
            let nothing = NothingStored::new(not_stored(), receipts);
            return Ok(BatchTracked::Nothing(Json(nothing), RETRY_AFTER));
        }
        Ok(BatchTracked::Accepted(Json(receipts)))
    }
}

/// Brings every fact to its end. All are whole before the first is handed over, so that none waits
/// for a writer while it holds a connection; and all are handed over before the first is waited
/// for, so that they are written together.
async fn take(intake: &Intake<'_>, facts: Vec<&[u8]>) -> Vec<Result<Settled, Rejection>> {
    let mut beginning = Vec::with_capacity(facts.len());
    for fact in facts {
        beginning.push(begin(intake, fact).boxed());
    }
    let mut begun: Vec<_> = stream::iter(beginning).buffered(AT_ONCE).collect().await;
    let good = begun.iter_mut().filter_map(|begun| begun.as_mut().ok());
    intake.follow(good.collect()).await;
    let mut settling = Vec::with_capacity(begun.len());
    for begun in begun {
        let handed_over = match begun {
            Ok(sent) => Ok(intake.submit(sent).await),
            Err(rejection) => Err(rejection),
        };
        settling.push(settle(intake, handed_over).boxed());
    }
    stream::iter(settling)
        .buffered(KEPT_AT_ONCE)
        .collect()
        .await
}

async fn begin(intake: &Intake<'_>, fact: &[u8]) -> Result<Sent, Rejection> {
    let sent: TrackRequest = from_json(fact).map_err(|problem| {
        metrics::refused(Way::Http, "unreadable_fact");
        Rejection { id: None, problem }
    })?;
    let id = sent.id();
    let begun = intake.begin(sent).await;
    begun.map_err(|problem| Rejection { id, problem })
}

async fn settle(
    intake: &Intake<'_>,
    pending: Result<Pending, Rejection>,
) -> Result<Settled, Rejection> {
    let pending = pending?;
    let id = Some(pending.id());
    let settled = intake.settle(pending).await;
    settled.map_err(|problem: Problem| Rejection { id, problem })
}
