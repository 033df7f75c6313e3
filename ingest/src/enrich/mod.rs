//! From what a producer says to a fact that is complete: tenant, user, identity, source, and what
//! a registration tells of the facts that follow it.

mod client;
mod complete;
mod draft;
mod identity;
mod imported;
mod occurrence;
mod properties;
mod refusal;
mod robot;
mod salts;
mod source;
mod tenant;
mod visitor;

use analytics_shared::{
    auth::{Caller, Role},
    fact::{Fact, Provenance},
};
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use moka::future::Cache;
use uuid::Uuid;

use crate::store::{Lookup, Registration, Registrations, Store, StoreError};
pub use client::Client;
pub use complete::fill_in;
pub use draft::{Draft, followed_registration};
pub use identity::Claimed;
pub use imported::{Checked, Owners};
pub use occurrence::Occurrences;
pub use properties::allowed_in_messages;
pub use refusal::Refusal;
pub use robot::{Flag, learn as learn_robots};
use salts::Salts;

/// Registered events whose tenants one process remembers: an event stays with its tenant.
const REMEMBERED_EVENTS: u64 = 50_000;

/// A fact that came over HTTP.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The fact.
    pub fact: Fact,
    /// Why it is left out of all figures, if it is.
    pub flag: Option<Flag>,
    /// Whether its registration has told what it can.
    pub is_whole: bool,
}

/// Completes drafts.
#[derive(Clone)]
pub struct Enricher {
    registrations: Lookup<String, Registrations>,
    /// Tenants of registered events.
    owners: Lookup<Uuid, HashMap<Uuid, Uuid>>,
    tenants: Cache<Uuid, Uuid>,
    salts: Salts,
}

impl Enricher {
    /// An enricher that looks things up in `store`.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let salts = Salts::of(store.clone());
        let (of_registrations, of_events) = (store.clone(), store);
        Self {
            registrations: Lookup::start(move |ids| {
                let store = of_registrations.clone();
                async move { store.registrations(ids).await }
            }),
            owners: Lookup::start(move |events| {
                let store = of_events.clone();
                async move { store.tenants_of(events).await }
            }),
            tenants: Cache::new(REMEMBERED_EVENTS),
            salts,
        }
    }

    /// The fact that `caller` sends over HTTP with `client`; [`Self::follow`] makes it whole.
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
        draft.check()?;
        let registered = self.registered_tenant(draft.event_id).await?;
        let tenant = tenant::tenant(&draft.event_type, registered, draft.tenant_id, caller)?;
        draft.user_id = tenant::user(draft.user_id, caller)?;
        // A service speaks for browsers that are not its own client.
        let is_service = caller.is_some_and(|by| by.has_role(Role::Service));
        let client = Some(client).filter(|_| !is_service);
        let judged = client.and_then(|by| by.flag);
        let flag = robot::mark(&draft.event_type, &mut draft.properties, judged);
        let provenance = if is_service {
            Provenance::Service
        } else {
            Provenance::User
        };
        let mut fact = complete::begin(draft, tenant, provenance, now)?;
        if let Some(client) = client.filter(|_| flag.is_none()) {
            self.name_visitor(&mut fact, client, now).await?;
        }
        let is_whole = false;
        Ok(Sent {
            fact,
            flag,
            is_whole,
        })
    }

    /// Makes facts whole that follow nothing, and those whose registration is stored.
    ///
    /// # Errors
    /// When the database does not answer; the other facts are whole then.
    pub async fn follow(&self, sent: Vec<&mut Sent>) -> Result<(), StoreError> {
        let (mut following, mut ids) = (Vec::new(), Vec::new());
        for one in sent {
            if let Some(id) = followed_registration(&one.fact.event_type, &one.fact.properties) {
                ids.push(id.to_owned());
                following.push(one);
            } else {
                fill_in(&mut one.fact, None);
                one.is_whole = true;
            }
        }
        if following.is_empty() {
            return Ok(());
        }
        let known = self.registrations.get(ids).await?;
        for Sent { fact, is_whole, .. } in following {
            let id = followed_registration(&fact.event_type, &fact.properties);
            let of_fact = |id| known.fitting(id, Some(fact.tenant_id), fact.event_id);
            let registration = id.and_then(of_fact);
            fill_in(fact, registration);
            *is_whole = true;
        }
        Ok(())
    }

    /// Gives a fact of nobody in particular the visitor of the day, unless they decline.
    async fn name_visitor(
        &self,
        fact: &mut Fact,
        client: &Client,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let is_anonymous = fact.event_type.is_public() && !fact.has_visitor();
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
        let follows = followed_registration(&draft.event_type, &draft.properties).is_some();
        let lacks_ticket_type = complete::lacks_ticket_type(&draft.properties);
        if follows && registration.is_none() && !is_last_try && lacks_ticket_type {
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
        let mut fact = complete::begin(draft, tenant, Provenance::Platform, now)?;
        fill_in(&mut fact, registration);
        Ok(Some(fact))
    }

    async fn registered_tenant(&self, event_id: Option<Uuid>) -> Result<Option<Uuid>, StoreError> {
        let Some(event_id) = event_id else {
            return Ok(None);
        };
        let tenants = self.registered_tenants(HashSet::from([event_id])).await?;
        Ok(tenants.get(&event_id).copied())
    }
}
