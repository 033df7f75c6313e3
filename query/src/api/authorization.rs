//! Who may read what. Everything else is answered as if it did not exist.

use analytics_shared::{
    auth::{Caller, Role},
    problem::Problem,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::asked::Asked;
use crate::{
    App,
    figures::ZoneClock,
    store::{EventQuery, RegisteredEvent},
};

/// An event that the caller may read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadableEvent {
    /// The event.
    pub event_id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its title, if it was ever published.
    pub title: Option<String>,
    /// When it begins, if that is known.
    pub starts_at: Option<DateTime<Utc>>,
    /// The zone that it names, else the default.
    pub zone: Tz,
    /// The zone in which the rollup counts its days; `None` while they are rebuilt.
    pub rollup_zone: Option<Tz>,
}

impl ReadableEvent {
    /// The day on which it begins, as `clock` shows it.
    #[must_use]
    pub fn day(&self, clock: &ZoneClock) -> Option<NaiveDate> {
        self.starts_at.map(|starts_at| clock.day(starts_at))
    }

    /// Returns the query for the period and zone of a request.
    #[must_use]
    pub fn query(&self, asked: &Asked) -> EventQuery {
        EventQuery {
            tenant_id: self.tenant_id,
            event_id: self.event_id,
            period: asked.period,
            zone: asked.zone(),
        }
    }
}

/// An organization that the caller may read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadableOrganization {
    /// Its id, and its tenant's.
    pub tenant_id: Uuid,
    /// Its published events.
    pub events: Vec<RegisteredEvent>,
    /// The zone of all its events, where they have the same; else the default.
    pub zone: Tz,
}

/// The answer for an event that does not exist, or not for this caller.
#[must_use]
pub fn unknown_event() -> Problem {
    Problem::not_found("unknown_event", "there is no such event")
}

/// The event, if the caller may read it: a published event of a tenant that the caller may read,
/// or one that the caller's own tenant has facts of, or (for an admin) anybody.
///
/// # Errors
/// When there is none for this caller, or the database fails.
pub async fn event(app: &App, caller: &Caller, event_id: Uuid) -> Result<ReadableEvent, Problem> {
    let registered = app.store.registered_event(event_id).await?;
    if let Some(event) = &registered
        && caller.may_read(event.tenant_id)
    {
        return Ok(readable(app, event.tenant_id, event_id, registered));
    }
    if let Some(own) = caller.tenant_id
        && app.store.has_facts_of(own, event_id).await?
    {
        return Ok(readable(app, own, event_id, registered));
    }
    if caller.has(Role::Admin)
        && let Some(tenant) = app.store.tenant_with_facts_of(event_id).await?
    {
        return Ok(readable(app, tenant, event_id, registered));
    }
    Err(unknown_event())
}

/// The event as an organization has it: one that it has published, or has facts of.
///
/// # Errors
/// When the organization has none such, or the database fails.
pub async fn event_of(
    app: &App,
    organization: &ReadableOrganization,
    event_id: Uuid,
) -> Result<ReadableEvent, Problem> {
    let tenant_id = organization.tenant_id;
    let registered = app.store.registered_event(event_id).await?;
    let is_published = registered
        .as_ref()
        .is_some_and(|event| event.tenant_id == tenant_id);
    if is_published || app.store.has_facts_of(tenant_id, event_id).await? {
        return Ok(readable(app, tenant_id, event_id, registered));
    }
    Err(unknown_event())
}

/// The event as facts of `tenant_id` tell it. Its zone is the registry's, by which all facts of the
/// event are counted, its title and its start are its owner's alone.
fn readable(
    app: &App,
    tenant_id: Uuid,
    event_id: Uuid,
    registered: Option<RegisteredEvent>,
) -> ReadableEvent {
    let zone = registered.as_ref().and_then(|event| event.zone);
    let default = Some(app.default_zone);
    let rollup_zone = registered
        .as_ref()
        .map_or(default, |event| event.rollup_zone);
    let owned = registered.filter(|event| event.tenant_id == tenant_id);
    ReadableEvent {
        event_id,
        tenant_id,
        starts_at: owned.as_ref().and_then(|event| event.starts_at),
        title: owned.map(|event| event.title),
        zone: zone.unwrap_or(app.default_zone),
        rollup_zone,
    }
}

/// The organization, if the caller may read it. The caller's own is there even if it is empty.
///
/// # Errors
/// When there is none for this caller, or the database fails.
pub async fn organization(
    app: &App,
    caller: &Caller,
    tenant_id: Uuid,
) -> Result<ReadableOrganization, Problem> {
    let own = caller.tenant_id == Some(tenant_id);
    let readable = own || (caller.has(Role::Admin) && app.store.knows_tenant(tenant_id).await?);
    if !readable {
        return Err(Problem::not_found(
            "unknown_organization",
            "there is no such organization",
        ));
    }
    let events = app.store.registered_events(tenant_id).await?;
    Ok(ReadableOrganization {
        tenant_id,
        zone: shared_zone(&events, app.default_zone),
        events,
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
    fn an_organization_has_the_zone_that_all_its_events_have() {
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
