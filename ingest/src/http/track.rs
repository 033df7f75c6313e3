//! `POST /api/v1/analytics/track`: one fact.

use std::{collections::HashMap, time::Duration};

use analytics_shared::{
    auth::{BearerToken, Caller},
    clock,
    event_type::InvalidEventType,
    fact::Fact,
    http::JsonBody,
    problem::{Problem, Refused},
};
use chrono::{DateTime, Utc};
use poem::{
    http::{HeaderMap, header},
    web::Data,
};
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi, SecurityScheme, Tags, payload::Json, types::Example,
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::refused::{Tracking, not_stored};
use crate::{
    batch::Outcome,
    enrich::{Claimed, Draft, Enricher, Refusal},
    metrics::{self, Way},
    writer::{QueueFull, Writers},
};

/// The longest that a producer waits for the commit.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the endpoint works with.
#[derive(Clone)]
pub struct IngestState {
    /// Completes facts.
    pub enricher: Enricher,
    /// Stores them.
    pub writers: Writers,
}

/// The write API.
pub struct TrackApi;

#[derive(Tags)]
enum Tag {
    /// Sending facts.
    Tracking,
}

/// A fact about a ticketing event.
#[derive(Debug, Deserialize, Object)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example = true)]
struct TrackRequest {
    /// What happened: `domain.action` in lower case. `page.view`, `registration.started`,
    /// `registration.completed`, `registration.cancelled`, `checkin.completed`,
    /// `payment.completed` and `payment.refunded` have a meaning; others are stored, counted by
    /// type and exported.
    #[oai(validator(max_length = 100, pattern = r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$"))]
    event_type: String,
    /// The ticketing event. Needed for the types that have a meaning.
    event_id: Option<Uuid>,
    /// Identity of the fact, with `createdAt`. Without `createdAt` it must be a UUIDv7.
    id: Option<Uuid>,
    /// When it happened; now, if not given. At most 5 minutes ahead and one year old.
    created_at: Option<DateTime<Utc>>,
    /// The person, if it is not the caller. Takes the role `SERVICE`.
    user_id: Option<Uuid>,
    /// The organization, if it is not the caller's. Takes the role `SERVICE`.
    tenant_id: Option<Uuid>,
    /// Anything else, at most 32 KiB. Known: `source`, `utmSource`, `referrer`, `visitorId`,
    /// `ticketTypeId`, `ticketTypeName`, `registrationId`, `paymentId`, `amountCents` (minor
    /// units), `currency` (ISO 4217).
    properties: Option<HashMap<String, Value>>,
}

impl Example for TrackRequest {
    fn example() -> Self {
        Self {
            event_type: "page.view".to_owned(),
            event_id: Some(Uuid::from_u128(0x3f2a_9d4e_8b1c_4f7e_a5d6_0c9b_8e7f_6a51)),
            id: None,
            created_at: None,
            user_id: None,
            tenant_id: None,
            properties: Some(HashMap::from([("source".to_owned(), "newsletter".into())])),
        }
    }
}

/// What became of a fact.
#[derive(Object)]
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
}

#[derive(ApiResponse)]
enum Tracked {
    /// The fact is in the database.
    #[oai(status = 202)]
    Accepted(Json<Receipt>),
}

/// A token where one is sent: two event types are taken without.
#[derive(SecurityScheme)]
enum CallerIfAny {
    Known(BearerToken),
    #[oai(fallback)]
    Unknown,
}

impl CallerIfAny {
    /// The caller, if any. A token that does not hold is an error, not an anonymous caller.
    fn of(self, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        match self {
            Self::Known(BearerToken(caller)) => Ok(Some(caller)),
            Self::Unknown if headers.contains_key(header::AUTHORIZATION) => {
                metrics::refused(Way::Http, "unauthorized");
                Err(Problem::unauthorized(
                    "the token is not valid, or has expired",
                ))
            }
            Self::Unknown => Ok(None),
        }
    }
}

#[OpenApi(prefix_path = "/api/v1/analytics", tag = "Tag::Tracking")]
impl TrackApi {
    /// Send a fact
    ///
    /// Without a token `page.view` and `registration.started` of a registered event are taken;
    /// everything else needs a token of the event's own tenant, or the role `SERVICE`. The answer
    /// comes after the fact is stored.
    #[oai(path = "/track", method = "post", operation_id = "track")]
    async fn track(
        &self,
        Data(state): Data<&IngestState>,
        caller: CallerIfAny,
        headers: &HeaderMap,
        JsonBody(body): JsonBody<TrackRequest>,
    ) -> Result<Tracked, Refused<Tracking>> {
        let caller = caller.of(headers)?;
        let draft = draft(body)?;
        let fact = state
            .enricher
            .sent_by(caller.as_ref(), draft, clock::now())
            .await?;
        Ok(Tracked::Accepted(Json(store(&state.writers, fact).await?)))
    }
}

fn draft(body: TrackRequest) -> Result<Draft, Refusal> {
    let event_type = body.event_type.parse();
    Ok(Draft {
        event_type: event_type
            .map_err(|wrong: InvalidEventType| Refusal::invalid("eventType", wrong.to_string()))?,
        claimed: Claimed {
            id: body.id,
            created_at: body.created_at,
        },
        tenant_id: body.tenant_id,
        event_id: body.event_id,
        user_id: body.user_id,
        properties: body.properties.unwrap_or_default().into_iter().collect(),
    })
}

/// Hands the fact to a writer and waits for the commit.
async fn store(writers: &Writers, fact: Fact) -> Result<Receipt, Problem> {
    let (id, event_type) = (fact.id, fact.event_type.clone());
    let outcome = match writers.offer(fact) {
        Ok(outcome) => match tokio::time::timeout(PATIENCE, outcome).await {
            Ok(Ok(outcome)) => outcome,
            // Too slow, or the writers have stopped: perhaps stored, perhaps not.
            Ok(Err(_)) | Err(_) => Outcome::Unavailable,
        },
        Err(QueueFull) => Outcome::Unavailable,
    };
    metrics::fact_settled(Way::Http, &event_type, outcome);
    let status = match outcome {
        Outcome::Stored => ReceiptStatus::Stored,
        Outcome::Duplicate => ReceiptStatus::Duplicate,
        Outcome::Refused => return Err(Problem::invalid("body", "the database refuses a value")),
        Outcome::Unavailable => return Err(not_stored()),
        Outcome::Broken => return Err(Problem::internal()),
    };
    Ok(Receipt { id, status })
}
