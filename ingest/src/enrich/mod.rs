//! From what a producer says to a fact that is complete: tenant, user, identity, source, and what
//! a registration tells of the facts that follow it.

mod client;
mod identity;
mod properties;
mod refusal;
mod robot;
mod salts;
mod source;
mod tenant;
mod visitor;

use std::time::Duration;

use analytics_shared::{
    auth::{Caller, Role},
    event_type::{EventType, Subject},
    fact::Fact,
};
use chrono::{DateTime, Utc};
use moka::future::Cache;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::store::{Registration, Registrations, Store, StoreError};
pub use client::Client;
pub use identity::Claimed;
pub use properties::allowed_in_messages;
pub use refusal::Refusal;
pub use robot::Flag;
use salts::Salts;

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

/// A fact that came over HTTP, complete.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The fact.
    pub fact: Fact,
    /// Why it is left out of all figures, if it is.
    pub flag: Option<Flag>,
}

/// Completes drafts.
#[derive(Clone)]
pub struct Enricher {
    store: Store,
    tenants: Cache<Uuid, Uuid>,
    salts: Salts,
}

impl Enricher {
    /// An enricher that looks things up in `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        robot::learn();
        let tenants = Cache::builder()
            .max_capacity(REMEMBERED_EVENTS)
            .time_to_live(REMEMBERED_FOR)
            .build();
        Self {
            salts: Salts::of(store.clone()),
            store,
            tenants,
        }
    }

    /// The fact that `caller` sends over HTTP with `client`.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn sent_by(
        &self,
        caller: Option<&Caller>,
        client: &Client,
        mut draft: Draft,
        now: DateTime<Utc>,
    ) -> Result<Sent, Refusal> {
        properties::check(&draft.event_type, &mut draft.properties)?;
        if draft.event_id.is_none() && draft.event_type.is_known() {
            return Err(Refusal::invalid("eventId", "is needed for this event type"));
        }
        let registered = self.registered_tenant(draft.event_id).await?;
        let tenant = tenant::tenant(&draft.event_type, registered, draft.tenant_id, caller)?;
        draft.user_id = tenant::user(draft.user_id, caller)?;
        let mut known = Registrations::default();
        if let Some(id) = draft.followed_registration() {
            known = self.store.registrations(vec![id.to_owned()]).await?;
        }
        let registration = draft
            .followed_registration()
            .and_then(|id| known.fitting(id, Some(tenant), draft.event_id))
            .cloned();
        // A service speaks for browsers that are not its own client.
        let client = Some(client).filter(|_| !caller.is_some_and(|by| by.has(Role::Service)));
        let judged = client.and_then(|by| by.flag);
        let flag = robot::mark(&draft.event_type, &mut draft.properties, judged);
        let mut fact = complete(draft, tenant, registration.as_ref(), now)?;
        if let Some(client) = client.filter(|_| flag.is_none()) {
            self.name_visitor(&mut fact, client, now).await?;
        }
        Ok(Sent { fact, flag })
    }

    /// Gives a fact of nobody in particular the visitor of the day, unless they decline.
    async fn name_visitor(
        &self,
        fact: &mut Fact,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let is_anonymous = fact.event_type.is_public() && fact.visitor().is_none();
        let Some(address) = client.address.filter(|_| is_anonymous && !client.declines) else {
            return Ok(());
        };
        let salt = self.salts.on(now.date_naive()).await?;
        let visitor = visitor::visitor_id(&salt, fact.tenant_id, address, &client.user_agent);
        if let Some(visitor) = visitor {
            fact.properties
                .insert("visitorId".to_owned(), visitor.into());
        }
        Ok(())
    }

    /// The fact that a message of the platform tells; `registration` is the one that it follows, if
    /// that is stored. Says `None` while the message lacks what only its registration can tell; on
    /// the last try what it says itself has to do.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn told_by_platform(
        &self,
        mut draft: Draft,
        registration: Option<&Registration>,
        is_last_try: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<Fact>, Refusal> {
        properties::check(&draft.event_type, &mut draft.properties)?;
        let follows = draft.followed_registration().is_some();
        if follows && registration.is_none() && !is_last_try && lacks_ticket_type(&draft) {
            return Ok(None);
        }
        let tenant = draft
            .tenant_id
            .or(registration.map(|known| known.tenant_id));
        draft.event_id = draft
            .event_id
            .or(registration.and_then(|known| known.event_id));
        let (Some(tenant), Some(_)) = (tenant, draft.event_id) else {
            if follows {
                return Ok(None);
            }
            return Err(Refusal::invalid(
                "registrationId",
                "is needed where tenantId or eventId is missing",
            ));
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
