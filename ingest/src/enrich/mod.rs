//! From what a producer says to a fact that is complete: tenant, user, identity, source, and what
//! a registration tells of the facts that follow it.

mod identity;
mod properties;
mod refusal;
mod source;
mod tenant;

use std::time::Duration;

use analytics_shared::{auth::Caller, event_type::EventType, event_type::Subject, fact::Fact};
use chrono::{DateTime, Utc};
use moka::future::Cache;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::store::{Registration, Store, StoreError};
pub use identity::Claimed;
pub use properties::allowed_in_messages;
pub use refusal::Refusal;

/// Registered events that one process remembers.
const REMEMBERED_EVENTS: u64 = 50_000;
/// How long it remembers them.
const REMEMBERED_FOR: Duration = Duration::from_mins(5);

/// What a producer says happened.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What happened.
    pub event_type: EventType,
    /// Its id and time, as far as the producer gave them.
    pub claimed: Claimed,
    /// The organization, if named.
    pub tenant_id: Option<Uuid>,
    /// The ticketing event, if named.
    pub event_id: Option<Uuid>,
    /// The person, if named.
    pub user_id: Option<Uuid>,
    /// Everything else.
    pub properties: Map<String, Value>,
}

impl Draft {
    /// The registration that the draft follows: one that may complete it. A registration itself
    /// follows none.
    #[must_use]
    pub fn followed_registration(&self) -> Option<&str> {
        let follows = !matches!(
            self.event_type.as_str(),
            analytics_shared::event_type::REGISTRATION_COMPLETED
                | analytics_shared::event_type::PAGE_VIEW
                | analytics_shared::event_type::REGISTRATION_STARTED
        );
        let name = Subject::Registration.property();
        let id = self.properties.get(name).and_then(Value::as_str);
        id.filter(|_| follows && self.event_type.is_known())
    }
}

/// Completes drafts.
#[derive(Clone)]
pub struct Enricher {
    store: Store,
    tenants: Cache<Uuid, Uuid>,
}

impl Enricher {
    /// An enricher that looks things up in `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let tenants = Cache::builder()
            .max_capacity(REMEMBERED_EVENTS)
            .time_to_live(REMEMBERED_FOR)
            .build();
        Self { store, tenants }
    }

    /// The fact that `caller` sends over HTTP.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn sent_by(
        &self,
        caller: Option<&Caller>,
        mut draft: Draft,
        now: DateTime<Utc>,
    ) -> Result<Fact, Refusal> {
        properties::check(&draft.event_type, &mut draft.properties)?;
        if draft.event_id.is_none() && draft.event_type.is_known() {
            return Err(Refusal::invalid("eventId", "is needed for this event type"));
        }
        let registered = self.registered_tenant(draft.event_id).await?;
        let tenant = tenant::tenant(&draft.event_type, registered, draft.tenant_id, caller)?;
        draft.user_id = tenant::user(draft.user_id, caller)?;
        let registration = match draft.followed_registration() {
            Some(id) if lacks_ticket_type(&draft) => {
                let found = self.store.registrations(vec![id.to_owned()]).await?;
                // Another tenant's registration tells us nothing.
                found
                    .into_values()
                    .find(|registration| registration.tenant_id == tenant)
            }
            _ => None,
        };
        complete(draft, tenant, registration.as_ref(), now)
    }

    /// The fact that a message of the platform tells; `registration` is the one that it follows, if
    /// that is stored. Says `None` while the message lacks what only its registration can tell.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn told_by_platform(
        &self,
        mut draft: Draft,
        registration: Option<&Registration>,
        now: DateTime<Utc>,
    ) -> Result<Option<Fact>, Refusal> {
        properties::check(&draft.event_type, &mut draft.properties)?;
        let tenant = draft
            .tenant_id
            .or(registration.map(|known| known.tenant_id));
        draft.event_id = draft
            .event_id
            .or(registration.and_then(|known| known.event_id));
        let (Some(tenant), Some(_)) = (tenant, draft.event_id) else {
            if draft.followed_registration().is_none() {
                return Err(Refusal::invalid(
                    "registrationId",
                    "is needed where tenantId or eventId is missing",
                ));
            }
            return Ok(None);
        };
        let tenant = self
            .registered_tenant(draft.event_id)
            .await?
            .unwrap_or(tenant);
        complete(draft, tenant, registration, now).map(Some)
    }

    async fn registered_tenant(&self, event_id: Option<Uuid>) -> Result<Option<Uuid>, StoreError> {
        let Some(event_id) = event_id else {
            return Ok(None);
        };
        if let Some(tenant) = self.tenants.get(&event_id).await {
            return Ok(Some(tenant));
        }
        let tenant = self.store.tenant_of(event_id).await?;
        if let Some(tenant) = tenant {
            self.tenants.insert(event_id, tenant).await;
        }
        Ok(tenant)
    }
}

fn lacks_ticket_type(draft: &Draft) -> bool {
    !["ticketTypeId", "ticketTypeName"]
        .iter()
        .any(|name| draft.properties.contains_key(*name))
}

fn complete(
    draft: Draft,
    tenant_id: Uuid,
    registration: Option<&Registration>,
    now: DateTime<Utc>,
) -> Result<Fact, Refusal> {
    let lacks_ticket_type = lacks_ticket_type(&draft);
    let Draft {
        event_type,
        claimed,
        event_id,
        mut user_id,
        mut properties,
        ..
    } = draft;
    if let Some(registration) = registration {
        user_id = user_id.or(registration.user_id);
        let ticket_type = [
            ("ticketTypeId", &registration.ticket_type_id),
            ("ticketTypeName", &registration.ticket_type_name),
        ];
        for (name, value) in ticket_type.into_iter().filter(|_| lacks_ticket_type) {
            if let Some(value) = value {
                properties.insert(name.to_owned(), value.clone().into());
            }
        }
    }
    let source = source::source(
        &properties,
        registration.and_then(|known| known.source.as_deref()),
    );
    properties.insert("source".to_owned(), source.into());
    let subject = event_type.subject().map(Subject::property);
    let subject = subject
        .and_then(|name| properties.get(name))
        .and_then(Value::as_str);
    let (id, created_at) = identity::identity(claimed, &event_type, tenant_id, subject, now)?;
    Ok(Fact {
        id,
        tenant_id,
        event_type,
        event_id,
        user_id,
        properties,
        created_at,
    })
}
