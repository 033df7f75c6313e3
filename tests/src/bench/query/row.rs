//! A stored fact as a line of `COPY`, with the values that the service would store.

use chrono::SecondsFormat;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::mix::{Deed, Fact, Registration};

/// The organization of the fact's event.
fn tenant(fact: &Fact) -> Uuid {
    match &fact.deed {
        Deed::Viewed(visit) | Deed::Started(visit) => visit.tenant,
        Deed::Registered(of) | Deed::Cancelled(of) | Deed::Paid(of, _) | Deed::CheckedIn(of) => {
            of.tenant
        }
    }
}

/// The line, with the columns `id`, `tenant_id`, `event_type`, `event_id`, `user_id`, `properties`
/// and `created_at`. Nothing in it has to be escaped.
#[must_use]
pub fn line(fact: &Fact) -> String {
    let (event, user, properties) = match &fact.deed {
        Deed::Viewed(visit) | Deed::Started(visit) => {
            let mut properties = json!({"visitorId": visit.person.browser, "source": visit.source});
            if let Some(registration) = visit.registration {
                properties["registrationId"] = json!(registration);
            }
            (visit.event, "\\N".to_owned(), properties)
        }
        Deed::Registered(of) | Deed::Cancelled(of) | Deed::CheckedIn(of) => {
            (of.event, of.person.account.to_string(), of_registration(of))
        }
        Deed::Paid(of, payment) => {
            let mut properties = of_registration(of);
            properties["paymentId"] = json!(payment);
            properties["amountCents"] = json!(of.ticket_type.1);
            properties["currency"] = json!("EUR");
            (of.event, of.person.account.to_string(), properties)
        }
    };
    format!(
        "{}\t{}\t{}\t{event}\t{user}\t{properties}\t{}\n",
        fact.id,
        tenant(fact),
        fact.deed.kind().event_type(),
        fact.at.to_rfc3339_opts(SecondsFormat::Millis, true)
    )
}

/// A fact that follows a registration has its source and ticket type.
fn of_registration(of: &Registration) -> Value {
    json!({
        "registrationId": of.id, "ticketTypeName": of.ticket_type.0, "source": of.source,
    })
}
