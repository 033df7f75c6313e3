//! `POST /api/v1/analytics/track`: one fact.

use std::sync::Arc;

use analytics_shared::{
    http::{BeaconBody, JsonBody},
    problem::ProblemResponse,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::{
    document::Tag,
    examples,
    problems::TrackProblems,
    receipts::Receipt,
    sender::{caller::OptionalCaller, client::RequestClient, write_key::WriteKeyParam},
    track_pipeline::{IngestState, TrackPipeline},
    track_request::TrackRequest,
};

/// The endpoint of single facts.
pub struct TrackApi;

#[derive(ApiResponse)]
enum TrackResponse {
    /// The fact is stored, or kept in a durable queue until it is.
    #[oai(status = 202)]
    Accepted(Json<Receipt>),
}

#[OpenApi(prefix_path = "/api/v1/analytics", tag = "Tag::Tracking")]
impl TrackApi {
    /// Send a fact
    ///
    /// Without a token, `page.view` and `registration.started` of a registered event are accepted, with or
    /// (`REQUIRE_WRITE_KEY`) only with a write key of its tenant. They must be at most 15 minutes old. Of their
    /// properties, at most 1 KiB without the texts that are cut, these are stored: `source`, `utmSource`, `referrer`, `visitorId`, `ticketTypeId`,
    /// `ticketTypeName` and `robot`. Other properties are not stored, and named in the receipt.
    ///
    /// Custom event types require a token; registrations, cancellations, check-ins, payments
    /// and refunds also require a role that may send them, by default `SERVICE`. The response is sent after
    /// the fact is stored. If the database does not commit it within 2 seconds, the response is
    /// sent after the fact is in a durable queue, if a broker is configured.
    #[oai(path = "/track", method = "post", operation_id = "track")]
    async fn track(
        &self,
        Data(state): Data<&Arc<IngestState>>,
        OptionalCaller(caller): OptionalCaller,
        /// The write key of an event page, for senders without a token.
        #[oai(name = "writeKey", example = "examples::write_key")]
        WriteKeyParam(write_key): WriteKeyParam,
        RequestClient(client): RequestClient,
        JsonBody(body): BeaconBody<TrackRequest>,
    ) -> Result<TrackResponse, ProblemResponse<TrackProblems>> {
        let pipeline = TrackPipeline::new(state, caller, write_key, client);
        let checked = pipeline.check(body.try_into()?)?;
        let tenants = pipeline.tenants([&checked]).await;
        let mut fact = pipeline.enrich(checked, &tenants).await?;
        pipeline.resolve(vec![&mut fact]).await;
        let receipt = pipeline.await_commit(pipeline.try_submit(fact)?).await?;
        Ok(TrackResponse::Accepted(Json(receipt)))
    }
}
