//! `POST /api/v1/analytics/track`: one fact.

use analytics_shared::{http::BeaconBody, problem::ProblemResponse};
use poem::{http::HeaderMap, web::Data};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, payload::Json, types::Example};
use uuid::Uuid;

use super::{
    Tag,
    caller::CallerIfAny,
    client::ClientOf,
    fact::{EXAMPLE, TrackRequest},
    intake::{IngestState, Intake, Settled, Status},
    refused::Tracking,
};

/// The write API, fact by fact.
pub struct TrackApi;

/// What became of a fact.
#[derive(Object)]
#[oai(example)]
struct Receipt {
    /// Identity of the fact; send it again to be sure that it is counted once.
    id: Uuid,
    /// Whether this request stored it.
    status: ReceiptStatus,
}

/// What became of a fact.
#[derive(Enum)]
#[oai(rename_all = "lowercase")]
enum ReceiptStatus {
    /// Stored by this request.
    Stored,
    /// Stored already; nothing was changed.
    Duplicate,
    /// Stored by this request, and left out of all figures: a robot sent it, or a prefetch.
    Flagged,
    /// Kept safe while the database is away; it will be stored once, without being sent again.
    Queued,
}

impl Example for Receipt {
    fn example() -> Self {
        Self {
            id: EXAMPLE,
            status: ReceiptStatus::Stored,
        }
    }
}

impl From<Settled> for Receipt {
    fn from(settled: Settled) -> Self {
        let status = match settled.status {
            Status::Stored => ReceiptStatus::Stored,
            Status::Duplicate => ReceiptStatus::Duplicate,
            Status::Flagged => ReceiptStatus::Flagged,
            Status::Queued => ReceiptStatus::Queued,
        };
        Self {
            id: settled.id,
            status,
        }
    }
}

#[derive(ApiResponse)]
enum Tracked {
    /// The fact is in the database, or on its way there in a durable queue.
    #[oai(status = 202)]
    Accepted(Json<Receipt>),
}

#[OpenApi(prefix_path = "/api/v1/analytics", tag = "Tag::Tracking")]
impl TrackApi {
    /// Send a fact
    ///
    /// Without a token `page.view` and `registration.started` of a registered event are taken;
    /// everything else needs a token of the event's own tenant, or the role `SERVICE`. The answer
    /// comes after the fact is stored; if the database cannot take it within 2 seconds, after it is
    /// kept in a durable queue, where one is configured.
    #[oai(path = "/track", method = "post", operation_id = "track")]
    async fn track(
        &self,
        Data(state): Data<&IngestState>,
        caller: CallerIfAny,
        headers: &HeaderMap,
        ClientOf(client): ClientOf,
        BeaconBody(body): BeaconBody<TrackRequest>,
    ) -> Result<Tracked, ProblemResponse<Tracking>> {
        let intake = Intake::new(state, caller.of(headers)?, client);
        let mut sent = intake.begin(body).await?;
        intake.follow(vec![&mut sent]).await;
        let settled = intake.settle(intake.offer(sent)?).await?;
        Ok(Tracked::Accepted(Json(settled.into())))
    }
}
