//! The body of `POST /track`.

use std::collections::HashMap;

use analytics_shared::{
    event_type::InvalidEventType,
    parse::{id, time},
};
use chrono::{DateTime, Utc};
use poem_openapi::{Object, types::Example};
use serde::Deserialize;
use serde_json::Value;
use uuid::{Uuid, uuid};

use crate::enrich::{
    error::FactError,
    incoming_fact::{ClientIdentity, IncomingFact},
};

/// A fact about a ticketing event.
#[derive(Debug, Deserialize, Object)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example = true)]
pub struct TrackRequest {
    /// The event type: `domain.action` in lower case. `page.view`, `registration.started`,
    /// `registration.completed`, `registration.cancelled`, `checkin.completed`,
    /// `payment.completed` and `payment.refunded` have a meaning; others are stored, counted by
    /// type and exported.
    #[oai(validator(max_length = 100, pattern = r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$"))]
    event_type: String,
    /// The ticketing event. Required for the event types that have a meaning.
    #[serde(default, deserialize_with = "id::deserialize_uuid")]
    event_id: Option<Uuid>,
    /// The id of the fact, which together with `createdAt` identifies it. Must be a UUIDv7 if
    /// `createdAt` is not set.
    #[serde(default, deserialize_with = "id::deserialize_uuid")]
    id: Option<Uuid>,
    /// The time of the fact; by default the time of the request. At most 5 minutes in the future and one
    /// year in the past.
    #[serde(default, deserialize_with = "time::deserialize")]
    created_at: Option<DateTime<Utc>>,
    /// The user; by default the user of the token. With the role `SERVICE`, only the one named here.
    #[serde(default, deserialize_with = "id::deserialize_uuid")]
    user_id: Option<Uuid>,
    /// The tenant, if it is not the caller's. Requires the role `SERVICE`.
    #[serde(default, deserialize_with = "id::deserialize_uuid")]
    tenant_id: Option<Uuid>,
    /// Further properties, at most 32 KiB of JSON. Known properties: `source`, `utmSource`, `referrer`,
    /// `visitorId`, `ticketTypeId`, `ticketTypeName`, `registrationId`, `paymentId`, `amountCents`
    /// (minor units), `currency` (ISO 4217), `robot` (`true` excludes the fact from all figures).
    properties: Option<HashMap<String, Value>>,
}

impl TrackRequest {
    /// The id that the producer sets.
    pub fn id(&self) -> Option<Uuid> {
        self.id
    }
}

/// The id of the fact in examples.
pub const EXAMPLE_ID: Uuid = uuid!("0193590a-7c00-7d4e-8f21-3a5b6c7d8e9f");

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

impl TryFrom<TrackRequest> for IncomingFact {
    type Error = FactError;

    fn try_from(request: TrackRequest) -> Result<Self, FactError> {
        let event_type = request.event_type.parse();
        Ok(Self {
            event_type: event_type.map_err(|error: InvalidEventType| {
                FactError::invalid("eventType", error.to_string())
            })?,
            identity: ClientIdentity {
                id: request.id,
                created_at: request.created_at,
            },
            tenant_id: request.tenant_id,
            event_id: request.event_id,
            user_id: request.user_id,
            properties: request.properties.unwrap_or_default().into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use analytics_shared::{http::from_json, problem::Problem};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        enrich::imported::{TenantLookup, ValidatedRow, occurrence::Occurrences},
        store::fact_row::FactRow,
        tests::{fuzz_body, fuzz_config},
    };

    fn fact_row(body: &[u8]) -> Result<FactRow, Problem> {
        let incoming: IncomingFact = from_json::<TrackRequest>(body)?.try_into()?;
        let tenants = TenantLookup {
            default: Some(EXAMPLE_ID),
            ..TenantLookup::default()
        };
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let assembled =
            ValidatedRow::new(incoming)?.assemble(&tenants, &mut Occurrences::default(), now);
        Ok(assembled?.0.into())
    }

    proptest! {
        #![proptest_config(fuzz_config())]
        #[test]
        fn a_random_body_is_a_fact_or_a_problem_of_the_client(body in fuzz_body()) {
            match fact_row(&body) {
                Ok(row) => {
                    let parsed = serde_json::from_str::<Value>(&row.properties);
                    prop_assert!(parsed.is_ok_and(|properties| properties.is_object()));
                }
                Err(problem) => prop_assert!(problem.status().is_client_error(), "{problem:?}"),
            }
        }
    }
}
