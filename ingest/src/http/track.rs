//! `POST /api/v1/analytics/track`: one fact.

use analytics_shared::{
    http::{BeaconBody, JsonBody},
    problem::ProblemResponse,
};
use poem::web::Data;
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

use super::{
    caller::OptionalCaller,
    client::RequestClient,
    problems::TrackProblems,
    receipts::Receipt,
    tags::Tag,
    track_pipeline::{IngestState, TrackPipeline},
    track_request::TrackRequest,
};
use crate::enrich::incoming_fact::IncomingFact;

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
    /// Without a token, `page.view` and `registration.started` of a registered event are accepted. Custom
    /// event types require a token of the event's tenant; registrations, cancellations, check-ins, payments
    /// and refunds also require a role that may send them, by default `SERVICE`. The response is sent after
    /// the fact is stored. If the database does not commit it within 2 seconds, the response is
    /// sent after the fact is in a durable queue, if a broker is configured.
    #[oai(path = "/track", method = "post", operation_id = "track")]
    async fn track(
        &self,
        Data(state): Data<&IngestState>,
        OptionalCaller(caller): OptionalCaller,
        RequestClient(client): RequestClient,
        JsonBody(body): BeaconBody<TrackRequest>,
    ) -> Result<TrackResponse, ProblemResponse<TrackProblems>> {
        let pipeline = TrackPipeline::new(state, caller, client);
        let incoming = IncomingFact::try_from(body)?;
        let tenants = pipeline.tenants([&incoming]).await;
        let mut fact = pipeline.enrich(incoming, &tenants).await?;
        pipeline.resolve(vec![&mut fact]).await;
        let receipt = pipeline.await_commit(pipeline.try_submit(fact)?).await?;
        Ok(TrackResponse::Accepted(Json(receipt)))
    }
}
