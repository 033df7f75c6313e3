//! The attribution of a fact over HTTP to a tenant, by the registry of events.

use analytics_shared::fact::{Fact, Provenance};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Reporter, tenant};
use crate::enrich::{
    assembly::assemble,
    error::FactError,
    identity::{self, derived::IdScope},
    incoming_fact::IncomingFact,
    properties::untrusted,
    visitor::VisitorKey,
};

/// A fact with all that its sender and client contribute to it. It can wait in the overflow queue until the registry
/// can be read: the rules for its sender are the same then as in its request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnattributedFact {
    /// The reporter.
    pub reporter: Reporter,
    /// The fact, with its user, time and id; a lifecycle fact may have no id.
    pub incoming: IncomingFact,
    /// Whether anyone could send it about a registered event.
    pub is_unrestricted: bool,
    /// The visitor, if its id is derived from the client.
    pub visitor: Option<VisitorKey>,
    /// The time of the request.
    pub received_at: DateTime<Utc>,
}

/// A fact with its tenant.
pub struct AttributedFact {
    /// The fact.
    pub fact: Fact,
    /// The id with which the sender can send it again.
    pub sent_id: Uuid,
    /// The properties that an untrusted fact cannot have.
    pub dropped: Vec<String>,
}

impl UnattributedFact {
    /// Returns the event by whose registration the tenant is determined, if it is.
    pub fn deciding_event(&self) -> Option<Uuid> {
        let is_decided = match self.reporter {
            Reporter::User { .. } => !self.is_unrestricted || self.incoming.tenant_id.is_some(),
            Reporter::Service { .. } | Reporter::Page { .. } | Reporter::Anonymous => false,
        };
        self.incoming.event_id.filter(|_| !is_decided)
    }

    /// Sets an id, if the fact has none: one that waits must keep it.
    pub fn set_id(&mut self) {
        identity::set_id(&mut self.incoming);
    }

    /// Returns the fact as far as it is known without the registry, for its limits and its receipt.
    pub fn provisional(&self) -> Result<Fact, FactError> {
        let (tenant, provenance) = match self.reporter {
            Reporter::Service { tenant_id } => {
                let tenant = self.incoming.tenant_id.or(tenant_id);
                (tenant.unwrap_or_default(), Provenance::Service)
            }
            _ => (Uuid::nil(), Provenance::Untrusted),
        };
        assemble(self.incoming.clone(), tenant, provenance, self.received_at)
    }

    /// Determines the tenant of the fact, how far it is trusted there, and its id. `registered` is the tenant that
    /// has registered its event.
    pub fn attribute(mut self, registered: Option<Uuid>) -> Result<AttributedFact, FactError> {
        let (reporter, named) = (self.reporter, self.incoming.tenant_id);
        let is_unrestricted = || self.is_unrestricted;
        let (tenant, provenance) = tenant::of_fact(reporter, registered, named, is_unrestricted)?;
        let mut dropped = Vec::new();
        if provenance == Provenance::Untrusted {
            untrusted::drop_not_allowed(&mut self.incoming.properties, &mut dropped);
        }
        let mut fact = assemble(self.incoming, tenant, provenance, self.received_at)?;
        let sent_id = fact.id;
        if !provenance.is_trusted() {
            let scope = IdScope {
                tenant,
                event: fact.event_id,
                provenance,
                sender_tenant: reporter.tenant_id(),
            };
            fact.id = scope.derive(sent_id, fact.created_at);
        }
        if let Some(visitor) = self.visitor.and_then(|visitor| visitor.id(tenant)) {
            fact.properties
                .insert("visitorId".to_owned(), visitor.into());
        }
        Ok(AttributedFact {
            fact,
            sent_id,
            dropped,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::enrich::incoming_fact::ClientIdentity;

    const TENANT: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);
    const EVENT: Uuid = Uuid::from_u128(3);

    fn view(reporter: Reporter, is_unrestricted: bool) -> UnattributedFact {
        let received_at = "2026-11-23T12:00:00Z".parse().unwrap();
        let properties = json!({"source": "ad", "note": "not allowed without a token"});
        UnattributedFact {
            reporter,
            incoming: IncomingFact {
                event_type: "page.view".parse().unwrap(),
                identity: ClientIdentity {
                    id: Some(Uuid::from_u128(4)),
                    created_at: Some(received_at),
                },
                tenant_id: None,
                event_id: Some(EVENT),
                user_id: None,
                properties: properties.as_object().unwrap().clone(),
            },
            is_unrestricted,
            visitor: None,
            received_at,
        }
    }

    fn user(tenant_id: Uuid) -> Reporter {
        Reporter::User {
            tenant_id: Some(tenant_id),
            user_id: None,
        }
    }

    /// Every reporter.
    fn reporters() -> [Reporter; 4] {
        [
            Reporter::Service { tenant_id: None },
            user(OTHER),
            Reporter::Page { tenant_id: TENANT },
            Reporter::Anonymous,
        ]
    }

    #[test]
    fn only_a_fact_that_stays_in_the_tenant_of_its_user_needs_no_registry() {
        for reporter in reporters() {
            assert_eq!(view(reporter, true).deciding_event(), Some(EVENT));
        }
        assert_eq!(view(user(OTHER), false).deciding_event(), None);
        let mut named = view(user(OTHER), true);
        named.incoming.tenant_id = Some(OTHER);
        assert_eq!(named.deciding_event(), None);
        for fact in [view(user(OTHER), false), named] {
            let tenant = |registered| {
                let attributed = fact.clone().attribute(registered).unwrap();
                (attributed.fact.tenant_id, attributed.fact.id)
            };
            assert_eq!(tenant(Some(TENANT)), tenant(None));
        }
    }

    #[test]
    fn a_fact_that_has_waited_is_attributed_as_in_its_request() {
        for reporter in reporters() {
            let fact = view(reporter, true);
            let waited = serde_json::to_vec(&fact).unwrap();
            let waited: UnattributedFact = serde_json::from_slice(&waited).unwrap();
            assert_eq!(waited, fact);
            for registered in [Some(TENANT), Some(OTHER), None] {
                let [now, later] = [&fact, &waited].map(|fact| {
                    let attributed = fact.clone().attribute(registered);
                    attributed.map_or_else(|error| Err(error.reason()), |it| Ok(it.fact))
                });
                assert_eq!(now, later);
            }
        }
    }

    #[test]
    fn an_untrusted_fact_loses_what_it_may_not_have_and_the_id_that_it_chose() {
        let AttributedFact {
            fact,
            sent_id,
            dropped,
        } = view(Reporter::Anonymous, true)
            .attribute(Some(TENANT))
            .unwrap();
        assert_eq!(
            (fact.tenant_id, fact.provenance),
            (TENANT, Provenance::Untrusted)
        );
        assert_eq!(
            (sent_id, dropped),
            (Uuid::from_u128(4), vec!["note".to_owned()])
        );
        assert_ne!(fact.id, sent_id);
        for reporter in [Reporter::Anonymous, Reporter::Page { tenant_id: TENANT }] {
            assert!(view(reporter, true).attribute(None).is_err());
        }
        let page = Reporter::Page { tenant_id: OTHER };
        assert!(view(page, true).attribute(Some(TENANT)).is_err());
    }

    #[test]
    fn a_fact_without_an_id_keeps_the_one_that_it_gets() {
        let service = Reporter::Service {
            tenant_id: Some(TENANT),
        };
        for event_type in ["page.view", "registration.completed"] {
            let mut fact = view(service, false);
            fact.incoming.identity.id = None;
            fact.incoming.event_type = event_type.parse().unwrap();
            let properties = &mut fact.incoming.properties;
            properties.insert("registrationId".to_owned(), "r".into());
            fact.set_id();
            let id = fact.provisional().unwrap().id;
            for registered in [None, Some(TENANT)] {
                let attributed = fact.clone().attribute(registered).unwrap();
                assert_eq!(attributed.fact.id, id, "{event_type}");
            }
        }
    }
}
