//! `POST /api/v1/analytics/track/batch`: many facts, each with its own receipt.

use std::sync::Arc;

use analytics_shared::{
    http::{Admission, Charge, from_json},
    problem::{Problem, ProblemResponse},
};
use futures_util::{FutureExt, StreamExt, stream};
use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::{
    batch_body::BatchBody,
    document::Tag,
    examples,
    problems::{BatchProblems, RETRY_AFTER, not_stored},
    receipts::{BatchReceipts, BatchUnavailable, Receipt, Rejection},
    sender::{caller::OptionalCaller, client::RequestClient, write_key::WriteKeyParam},
    track_pipeline::{IngestState, PendingFact, TrackPipeline},
    track_request::TrackRequest,
};
use crate::{
    enrich::sender::checked_fact::CheckedFact,
    metrics::{self, RejectionReason, Transport},
};

/// The most facts of a batch that are published to the overflow queue concurrently.
const MAX_CONCURRENT_SPILLS: usize = 100;

/// The endpoint of batches.
pub struct BatchApi;

#[derive(ApiResponse)]
enum BatchResponse {
    /// One receipt per fact, in the order of the request. At least one fact is stored or queued, or none
    /// ever can be.
    #[oai(status = 202)]
    Accepted(Json<BatchReceipts>),
    /// Nothing is stored or queued, and some facts can be stored later: send the same batch again after
    /// `Retry-After` seconds. `receipts` and `totals` are empty if the service is overloaded
    /// (`overloaded`) and did not read the batch.
    #[oai(status = 503, content_type = "application/problem+json")]
    Unavailable(
        Json<BatchUnavailable>,
        /// The number of seconds to wait before the next attempt.
        #[oai(header = "Retry-After")]
        u32,
    ),
}

#[OpenApi(prefix_path = "/api/v1/analytics", tag = "Tag::Tracking")]
impl BatchApi {
    /// Send a batch of facts
    ///
    /// A JSON array, or NDJSON (`application/x-ndjson`), of at most 1,000 facts and 5 MiB after
    /// decompression. Each fact is processed like a single one and has its own receipt: valid facts are
    /// stored although others are rejected. Send facts again whose error is `retryable`.
    #[oai(path = "/track/batch", method = "post", operation_id = "trackBatch")]
    async fn track_batch(
        &self,
        Data(state): Data<&Arc<IngestState>>,
        OptionalCaller(caller): OptionalCaller,
        /// The write key of an event page, for senders without a token.
        #[oai(name = "writeKey", example = "examples::write_key")]
        WriteKeyParam(write_key): WriteKeyParam,
        RequestClient(client): RequestClient,
        admission: Admission,
        body: BatchBody,
    ) -> Result<BatchResponse, ProblemResponse<BatchProblems>> {
        let text = body.text();
        let facts = body.facts(&text)?;
        let charge = Charge::of_facts(u32::try_from(facts.len()).unwrap_or(u32::MAX));
        admission.charge(charge)?;
        if let Some(key) = &write_key {
            admission.charge_write_key(&key.id, key.facts_per_minute, charge)?;
        }
        let pipeline = TrackPipeline::new(state, caller, write_key, client);
        let receipts = BatchReceipts::from_iter(process(&pipeline, facts).await);
        if receipts.is_unavailable() {
            let unavailable = BatchUnavailable::new(not_stored(), receipts);
            return Ok(BatchResponse::Unavailable(Json(unavailable), RETRY_AFTER));
        }
        Ok(BatchResponse::Accepted(Json(receipts)))
    }
}

/// Processes all facts. All are complete before the first is submitted, so that none waits for a
/// writer while it holds a connection, and all are submitted before the first is awaited, so that they
/// share batches.
async fn process(
    pipeline: &TrackPipeline<'_>,
    facts: Vec<&[u8]>,
) -> Vec<Result<Receipt, Rejection>> {
    let facts = facts.into_iter();
    let checked: Vec<_> = facts.map(|fact| check(pipeline, fact)).collect();
    let valid = checked.iter().filter_map(|fact| fact.as_ref().ok());
    let tenants = pipeline.tenants(valid).await;
    let mut enriched = Vec::with_capacity(checked.len());
    for fact in checked {
        enriched.push(match fact {
            Ok(checked) => {
                let id = checked.incoming.identity.id;
                let enriched = pipeline.enrich(checked, &tenants).await;
                enriched.map_err(|problem| Rejection { id, problem })
            }
            Err(rejection) => Err(rejection),
        });
    }
    let valid = enriched.iter_mut().filter_map(|fact| fact.as_mut().ok());
    pipeline.resolve(valid.collect()).await;
    let mut committing = Vec::with_capacity(enriched.len());
    for fact in enriched {
        let pending = match fact {
            Ok(fact) => {
                let id = Some(fact.fact.id);
                let submitted = pipeline.submit(fact).await;
                submitted.map_err(|problem| Rejection { id, problem })
            }
            Err(rejection) => Err(rejection),
        };
        committing.push(await_commit(pipeline, pending).boxed());
    }
    stream::iter(committing)
        .buffered(MAX_CONCURRENT_SPILLS)
        .collect()
        .await
}

fn check(pipeline: &TrackPipeline<'_>, fact: &[u8]) -> Result<CheckedFact, Rejection> {
    let request: TrackRequest = from_json(fact).map_err(|problem| {
        metrics::rejected(Transport::Http, RejectionReason::MalformedFact);
        Rejection { id: None, problem }
    })?;
    let id = request.id();
    let incoming = request.try_into().map_err(Problem::from);
    incoming
        .and_then(|incoming| pipeline.check(incoming))
        .map_err(|problem| Rejection { id, problem })
}

async fn await_commit(
    pipeline: &TrackPipeline<'_>,
    pending: Result<PendingFact, Rejection>,
) -> Result<Receipt, Rejection> {
    let pending = pending?;
    let id = Some(pending.origin.sent_id);
    let receipt = pipeline.await_commit(pending).await;
    receipt.map_err(|problem: Problem| Rejection { id, problem })
}
