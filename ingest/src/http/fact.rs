//! A fact as a producer sends it.

use std::collections::HashMap;

use analytics_shared::event_type::InvalidEventType;
use chrono::{DateTime, Utc};
use poem_openapi::{Object, types::Example};
use serde::Deserialize;
use serde_json::Value;
use uuid::{Uuid, uuid};

use crate::enrich::{Claimed, Draft, Refusal};

/// A fact about a ticketing event.
#[derive(Debug, Deserialize, Object)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example = true)]
pub struct TrackRequest {
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
    /// The user: by default the user of the token. With the role `SERVICE`, only the one named here.
    user_id: Option<Uuid>,
    /// The organization, if it is not the caller's. Takes the role `SERVICE`.
    tenant_id: Option<Uuid>,
    /// Anything else, at most 32 KiB. Known: `source`, `utmSource`, `referrer`, `visitorId`,
    /// `ticketTypeId`, `ticketTypeName`, `registrationId`, `paymentId`, `amountCents` (minor
    /// units), `currency` (ISO 4217), `robot` (`true` keeps the fact out of all figures).
    properties: Option<HashMap<String, Value>>,
}

impl TrackRequest {
    /// The id that the producer gave.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.id
    }
}

/// The id of the fact in examples.
pub const EXAMPLE: Uuid = uuid!("0193590a-7c00-7d4e-8f21-3a5b6c7d8e9f");

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

impl TryFrom<TrackRequest> for Draft {
    type Error = Refusal;

    fn try_from(sent: TrackRequest) -> Result<Self, Refusal> {
        let event_type = sent.event_type.parse();
        Ok(Self {
            event_type: event_type.map_err(|wrong: InvalidEventType| {
                Refusal::invalid("eventType", wrong.to_string())
            })?,
            claimed: Claimed {
                id: sent.id,
                created_at: sent.created_at,
            },
            tenant_id: sent.tenant_id,
            event_id: sent.event_id,
            user_id: sent.user_id,
            properties: sent.properties.unwrap_or_default().into_iter().collect(),
        })
    }
}
