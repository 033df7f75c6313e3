//! The enrichment of facts from HTTP, and the look-ups that enrichment needs.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use analytics_shared::fact::Fact;
use chrono::{DateTime, Utc};
use moka::future::Cache;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{
    assembly::apply_registration,
    bot::{self, BotSignal},
    client::Client,
    error::FactError,
    incoming_fact::{ChildFact, IncomingFact},
    properties::changes::PropertyChanges,
    sender::{checked_fact::CheckedFact, unattributed_fact::UnattributedFact},
    visitor::{Salts, VisitorKey},
};
use crate::store::{
    database::Store,
    error::StoreError,
    lookup::{
        Lookup,
        registrations::{Registration, Registrations},
    },
};

/// The capacity of the cache of registered events. An event never changes its tenant.
const CACHED_EVENTS: u64 = 50_000;
/// The capacity of the cache of events that are not registered.
const CACHED_UNKNOWN_EVENTS: u64 = 10_000;
/// The time for which an event that is not registered is not looked up again.
const UNKNOWN_EVENT_TTL: Duration = Duration::from_secs(1);

/// A fact from HTTP.
#[derive(Clone, Debug)]
pub struct EnrichedFact {
    /// The fact.
    pub fact: Fact,
    /// The reason why it is excluded from all figures, if it is.
    pub bot_signal: Option<BotSignal>,
    /// Whether its registration has been resolved.
    pub is_complete: bool,
    /// The id with which the sender can send it again.
    pub sent_id: Uuid,
    /// The properties that are not stored as they are sent.
    pub changes: PropertyChanges,
    /// The fact without its attribution, if the registry could not be read: then `fact` is provisional, and must not
    /// be stored.
    pub unattributed: Option<UnattributedFact>,
}

impl EnrichedFact {
    fn complete(&mut self, registration: Option<&Registration>) {
        apply_registration(&mut self.fact, registration);
        self.is_complete = true;
    }
}

/// The tenants of registered events, as far as they could be looked up.
#[derive(Debug)]
pub struct EventTenants {
    known: HashMap<Uuid, Uuid>,
    /// The error of the look-up of the others.
    error: Option<StoreError>,
}

impl EventTenants {
    fn tenant_of(&self, event: Uuid) -> Result<Option<Uuid>, StoreError> {
        match (self.known.get(&event), &self.error) {
            (Some(&tenant), _) => Ok(Some(tenant)),
            (None, Some(error)) => Err(error.clone()),
            (None, None) => Ok(None),
        }
    }
}

/// Enriches facts.
#[derive(Clone)]
pub struct Enricher {
    registrations: Lookup<String, Registrations>,
    /// Tenants of registered events.
    tenants: Lookup<Uuid, HashMap<Uuid, Uuid>>,
    tenant_cache: Cache<Uuid, Uuid>,
    /// Events that are not registered: for HTTP only, because messages follow `event.published` at once.
    unknown_events: Cache<Uuid, ()>,
    salts: Salts,
}

impl Enricher {
    /// An enricher that looks up registrations, tenants and salts in `store`.
    pub fn new(store: Store) -> Self {
        Self {
            registrations: Lookup::start(&store, |store, ids| async move {
                store.registrations(ids).await
            }),
            tenants: Lookup::start(&store, |store, events| async move {
                store.tenants_of(events).await
            }),
            tenant_cache: Cache::new(CACHED_EVENTS),
            unknown_events: Cache::builder()
                .max_capacity(CACHED_UNKNOWN_EVENTS)
                .time_to_live(UNKNOWN_EVENT_TTL)
                .build(),
            salts: Salts::new(store),
        }
    }

    /// Enriches a fact that `client` sends over HTTP; [`Self::resolve_registrations`] completes it.
    pub async fn enrich_http(
        &self,
        client: &Client,
        checked: CheckedFact,
        tenants: &EventTenants,
        deadline: Instant,
    ) -> Result<EnrichedFact, FactError> {
        let CheckedFact {
            reporter,
            mut incoming,
            is_unrestricted,
            mut changes,
            now,
        } = checked;
        // A service forwards the facts of browsers: it is not their client.
        let client = Some(client).filter(|_| !reporter.is_service());
        let detected = client.and_then(|client| client.bot_signal);
        if let Some(client) = client
            && let Some(name) = client.drop_own_referrer(&mut incoming.properties)
        {
            changes.dropped.push(name.to_owned());
        }
        let bot_signal = bot::mark(&incoming.event_type, &mut incoming.properties, detected);
        let visitor = match client.filter(|_| bot_signal.is_none()) {
            Some(client) => self.visitor(&incoming, client, now, deadline).await?,
            None => None,
        };
        let mut fact = UnattributedFact {
            reporter,
            incoming,
            is_unrestricted,
            visitor,
            received_at: now,
        };
        let registered = fact.deciding_event().map(|event| tenants.tenant_of(event));
        let registered = match registered.transpose() {
            Ok(registered) => registered.flatten(),
            Err(error) if error.is_temporary() => {
                fact.set_id();
                let provisional = fact.provisional()?;
                return Ok(EnrichedFact {
                    sent_id: provisional.id,
                    fact: provisional,
                    bot_signal,
                    is_complete: false,
                    changes,
                    unattributed: Some(fact),
                });
            }
            Err(error) => return Err(error.into()),
        };
        let attributed = fact.attribute(registered)?;
        changes.dropped.extend(attributed.dropped);
        Ok(EnrichedFact {
            fact: attributed.fact,
            bot_signal,
            is_complete: false,
            sent_id: attributed.sent_id,
            changes,
            unattributed: None,
        })
    }

    /// Completes facts with the registrations that they belong to, except those without an attribution. If the
    /// look-up fails or the future is dropped, the facts without a parent are complete.
    pub async fn resolve_registrations(
        &self,
        facts: Vec<&mut EnrichedFact>,
    ) -> Result<(), StoreError> {
        let (mut children, mut ids) = (Vec::new(), Vec::new());
        for fact in facts.into_iter().filter(|fact| fact.unattributed.is_none()) {
            if let Some(id) = fact.fact.parent_registration_id() {
                ids.push(id.to_owned());
                children.push(fact);
            } else {
                fact.complete(None);
            }
        }
        if children.is_empty() {
            return Ok(());
        }
        let known = self.registrations.get(ids).await?;
        for child in children {
            let registration = child.fact.parent_registration(&known);
            child.complete(registration);
        }
        Ok(())
    }

    /// Returns the visitor of an anonymous fact, unless the client sends "do not track".
    async fn visitor(
        &self,
        fact: &IncomingFact,
        client: &Client,
        now: DateTime<Utc>,
        deadline: Instant,
    ) -> Result<Option<VisitorKey>, StoreError> {
        let is_anonymous = fact.event_type.is_public() && !fact.has_visitor();
        let Some(address) = client
            .address
            .filter(|_| is_anonymous && !client.do_not_track)
        else {
            return Ok(None);
        };
        let salt = self.salts.of_day(now.date_naive(), deadline).await?;
        Ok(VisitorKey::new(&salt, address, &client.user_agent))
    }

    /// Returns the tenants of the registered events among `events`, by event.
    pub async fn registered_tenants(
        &self,
        events: HashSet<Uuid>,
    ) -> Result<HashMap<Uuid, Uuid>, StoreError> {
        let (mut tenants, missing) = self.cached_tenants(events).await;
        self.add_tenants(missing, &mut tenants).await?;
        Ok(tenants)
    }

    /// Returns the tenants of the registered events among `events`, as far as they are cached or found
    /// before the deadline.
    pub async fn tenants_until(&self, events: HashSet<Uuid>, deadline: Instant) -> EventTenants {
        let (mut known, mut missing) = self.cached_tenants(events).await;
        missing.retain(|event| !self.unknown_events.contains_key(event));
        let adding = timeout_at(deadline, self.add_tenants(missing.clone(), &mut known));
        let added = adding.await.unwrap_or_else(|_| {
            let error = StoreError::unavailable("the look-up of the events exceeded its deadline");
            Err(error)
        });
        if added.is_ok() {
            for event in missing
                .into_iter()
                .filter(|event| !known.contains_key(event))
            {
                self.unknown_events.insert(event, ()).await;
            }
        }
        EventTenants {
            known,
            error: added.err(),
        }
    }

    async fn cached_tenants(&self, events: HashSet<Uuid>) -> (HashMap<Uuid, Uuid>, Vec<Uuid>) {
        let (mut tenants, mut missing) = (HashMap::with_capacity(events.len()), Vec::new());
        for event in events {
            match self.tenant_cache.get(&event).await {
                Some(tenant) => drop(tenants.insert(event, tenant)),
                None => missing.push(event),
            }
        }
        (tenants, missing)
    }

    /// Looks up `events` and adds the registered ones to `tenants`.
    async fn add_tenants(
        &self,
        events: Vec<Uuid>,
        tenants: &mut HashMap<Uuid, Uuid>,
    ) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let found = self.tenants.get(events.clone()).await?;
        for event in events {
            if let Some(&tenant) = found.get(&event) {
                self.tenant_cache.insert(event, tenant).await;
                tenants.insert(event, tenant);
            }
        }
        Ok(())
    }
}
