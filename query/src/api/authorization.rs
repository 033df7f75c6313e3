//! Authorization. Events and organizations that the caller may not read do not exist for it.

use std::hash::Hash;

use analytics_shared::{
    auth::{AuthorizedCaller, Permission, Role},
    problem::Problem,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::{admission::Reader, analytics::RegisteredEvent, export::Dataset, store::Store};

/// An event that the caller may read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthorizedEvent {
    pub event_id: Uuid,
    pub tenant_id: Uuid,
    /// Title, if the tenant has published the event.
    pub title: Option<String>,
    /// Start of the event, if known.
    pub starts_at: Option<DateTime<Utc>>,
    /// Time zone of the event, else the default.
    pub zone: Tz,
    /// Time zone of the days in the rollup; `None` while it is rebuilt.
    pub rollup_zone: Option<Tz>,
}

impl AuthorizedEvent {
    /// Builds the event for a tenant. Only the publishing tenant learns anything from the registry; facts of
    /// other tenants are counted in the default time zone.
    fn new(
        store: &Store,
        tenant_id: Uuid,
        event_id: Uuid,
        registered: Option<RegisteredEvent>,
    ) -> Self {
        let default_zone = store.default_zone;
        let zone = registered.as_ref().and_then(|event| event.zone);
        let rollup_zone = registered
            .as_ref()
            .map_or(Some(default_zone), |event| event.rollup_zone);
        Self {
            event_id,
            tenant_id,
            starts_at: registered.as_ref().and_then(|event| event.starts_at),
            title: registered.map(|event| event.title),
            zone: zone.unwrap_or(default_zone),
            rollup_zone,
        }
    }
}

/// An organization that the caller may read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthorizedOrganization {
    /// Id of the organization and of its tenant.
    pub tenant_id: Uuid,
    /// Published events.
    pub events: Vec<RegisteredEvent>,
    /// Time zone of all events if they have the same, else the default.
    pub zone: Tz,
}

fn unknown_event() -> Problem {
    Problem::not_found("unknown_event", "there is no such event")
}

/// Returns the share in which the requests of a caller are read.
pub fn reader(caller: &AuthorizedCaller) -> Reader {
    let tenant_id = caller.caller().tenant_id.unwrap_or_default();
    match caller.shared_view() {
        Some(_) => Reader::ShareLinkOf(tenant_id),
        None => Reader::Tenant(tenant_id),
    }
}

/// Returns what decides about the data that a caller may read: callers with equal rights get the same response to equal
/// requests.
pub fn rights(caller: &AuthorizedCaller) -> impl Hash + '_ {
    let is_admin = caller.caller().has_role(Role::Admin);
    (reader(caller), is_admin, caller.shared_view())
}

/// Authorizes the caller for an event: one that its tenant has published or has facts of, or, for an admin, one
/// that any tenant has published or has facts of. A share link is for one event.
///
/// # Errors
/// Fails if there is no such event, or if the database fails.
pub async fn authorize_event(
    store: &Store,
    authorized: &AuthorizedCaller,
    event_id: Uuid,
) -> Result<AuthorizedEvent, Problem> {
    let caller = authorized.caller();
    let view = authorized.shared_view();
    if view.is_some_and(|view| view.event_id != event_id) {
        return Err(unknown_event());
    }
    let is_admin = caller.has_role(Role::Admin);
    if is_admin && let Some(event) = store.registered_event_of_any_tenant(event_id).await? {
        let owner = event.tenant_id;
        return Ok(AuthorizedEvent::new(store, owner, event_id, Some(event)));
    }
    if let Some(tenant_id) = caller.tenant_id
        && let Some(event) = event_of_tenant(store, tenant_id, event_id).await?
    {
        return Ok(event);
    }
    if is_admin && let Some(tenant_id) = store.tenant_with_facts_of(event_id).await? {
        return Ok(AuthorizedEvent::new(store, tenant_id, event_id, None));
    }
    Err(unknown_event())
}

/// Returns an event of an authorized organization: one that it has published or has facts of.
///
/// # Errors
/// Fails if there is no such event, or if the database fails.
pub async fn event_of_organization(
    store: &Store,
    organization: &AuthorizedOrganization,
    event_id: Uuid,
) -> Result<AuthorizedEvent, Problem> {
    let event = event_of_tenant(store, organization.tenant_id, event_id);
    event.await?.ok_or_else(unknown_event)
}

async fn event_of_tenant(
    store: &Store,
    tenant_id: Uuid,
    event_id: Uuid,
) -> Result<Option<AuthorizedEvent>, Problem> {
    let registered = store.registered_event(tenant_id, event_id).await?;
    let exists = registered.is_some() || store.has_facts_of(tenant_id, event_id).await?;
    Ok(exists.then(|| AuthorizedEvent::new(store, tenant_id, event_id, registered)))
}

/// Authorizes the caller for the tenant of an organization. The caller's own exists even without events and facts.
///
/// # Errors
/// Fails if there is no such organization, or if the database fails.
pub async fn authorize_tenant(
    store: &Store,
    authorized: &AuthorizedCaller,
    tenant_id: Uuid,
) -> Result<(), Problem> {
    let caller = authorized.caller();
    let is_own = caller.tenant_id == Some(tenant_id);
    if is_own || (caller.has_role(Role::Admin) && store.is_known_tenant(tenant_id).await?) {
        return Ok(());
    }
    Err(Problem::not_found(
        "unknown_organization",
        "there is no such organization",
    ))
}

/// Authorizes the caller for an organization, as [`authorize_tenant`], and reads its events.
///
/// # Errors
/// Fails if there is no such organization, or if the database fails.
pub async fn authorize_organization(
    store: &Store,
    authorized: &AuthorizedCaller,
    tenant_id: Uuid,
) -> Result<AuthorizedOrganization, Problem> {
    authorize_tenant(store, authorized, tenant_id).await?;
    let events = store.registered_events(tenant_id).await?;
    Ok(AuthorizedOrganization {
        tenant_id,
        zone: shared_zone(&events, store.default_zone),
        events,
    })
}

/// A dataset of an organization that the caller may export.
pub struct AuthorizedExport {
    pub organization: AuthorizedOrganization,
    pub dataset: Dataset,
}

/// Authorizes the caller for a dataset of an organization.
///
/// # Errors
/// Fails if the caller may not export the dataset, if there is no such organization, or if the database fails.
pub async fn authorize_export(
    store: &Store,
    authorized: &AuthorizedCaller,
    tenant_id: Uuid,
    dataset: Dataset,
) -> Result<AuthorizedExport, Problem> {
    authorized.check(match dataset {
        Dataset::Facts | Dataset::Registrations => Permission::ExportPersons,
        Dataset::Daily => Permission::ReadFigures,
    })?;
    let organization = authorize_organization(store, authorized, tenant_id).await?;
    Ok(AuthorizedExport {
        organization,
        dataset,
    })
}

fn shared_zone(events: &[RegisteredEvent], default: Tz) -> Tz {
    let mut zones = events.iter().map(|event| event.zone.unwrap_or(default));
    let first = zones.next().unwrap_or(default);
    if zones.all(|zone| zone == first) {
        first
    } else {
        default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event_in(zone: Option<Tz>) -> RegisteredEvent {
        RegisteredEvent {
            event_id: Uuid::nil(),
            tenant_id: Uuid::nil(),
            title: String::new(),
            starts_at: None,
            zone,
            rollup_zone: zone,
        }
    }

    #[test]
    fn an_organization_has_the_zone_shared_by_all_its_events() {
        let (berlin, tokyo) = (Tz::Europe__Berlin, Tz::Asia__Tokyo);
        let zone = |zones: &[Option<Tz>]| {
            let events: Vec<_> = zones.iter().map(|&zone| event_in(zone)).collect();
            shared_zone(&events, Tz::UTC)
        };
        assert_eq!(zone(&[]), Tz::UTC);
        assert_eq!(zone(&[Some(berlin), Some(berlin)]), berlin);
        assert_eq!(zone(&[Some(berlin), Some(tokyo)]), Tz::UTC);
        assert_eq!(zone(&[Some(berlin), None]), Tz::UTC);
    }
}
