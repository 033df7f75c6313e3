//! The tenant of a fact, and the right of its sender to name it.

use analytics_shared::{
    auth::{Caller, Role},
    event_type::EventType,
};
use uuid::Uuid;

use super::error::{FactError, TOKEN_REQUIRED};

const TENANT_REQUIRED: &str = "the token names no tenant, and the event is not registered";

/// Returns the tenant of a fact that `caller` sends: the registered event's, else the caller's own. The
/// role `SERVICE` may name another.
pub fn of_caller(
    event_type: &EventType,
    registered: Option<Uuid>,
    named: Option<Uuid>,
    caller: Option<&Caller>,
) -> Result<Uuid, FactError> {
    let own = caller.and_then(|caller| caller.tenant_id);
    let is_service = caller.is_some_and(|caller| caller.has_role(Role::Service));
    if named.is_some() && named != own && !is_service {
        return Err(FactError::Forbidden("tenantId"));
    }
    match (registered, caller) {
        (Some(tenant), Some(_)) if is_service && named.is_some_and(|named| named != tenant) => {
            Err(registered_by_another())
        }
        (Some(tenant), _) if event_type.is_public() || is_service || own == Some(tenant) => {
            Ok(tenant)
        }
        (_, None) => Err(FactError::Unauthenticated(TOKEN_REQUIRED)),
        (Some(_), Some(_)) => Err(FactError::UnknownEvent),
        (None, Some(_)) if is_service => named.or(own).ok_or_else(|| {
            FactError::invalid(
                "tenantId",
                "is required: the event is not registered, and the token names no tenant",
            )
        }),
        (None, Some(_)) => own.ok_or(FactError::Unauthenticated(TENANT_REQUIRED)),
    }
}

/// Returns the tenant of an imported fact: the registered event's, else the one that the row names,
/// else `default`. A row may name any tenant, but none that contradicts the registry.
pub fn of_row(
    registered: Option<Uuid>,
    named: Option<Uuid>,
    default: Option<Uuid>,
) -> Result<Uuid, FactError> {
    match (registered, named) {
        (Some(tenant), Some(named)) if named != tenant => Err(registered_by_another()),
        (Some(tenant), _) => Ok(tenant),
        (None, named) => named.or(default).ok_or_else(|| {
            let message =
                "is required: the event is not registered; set it in the row or with --tenant";
            FactError::invalid("tenantId", message)
        }),
    }
}

/// The error of a tenant that contradicts the registry.
pub fn registered_by_another() -> FactError {
    FactError::invalid("tenantId", "the event is registered by another tenant")
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{CHECKIN_COMPLETED, PAGE_VIEW};

    use super::*;

    const OURS: Uuid = Uuid::from_u128(1);
    const THEIRS: Uuid = Uuid::from_u128(2);

    fn caller(tenant: Option<Uuid>, roles: &[&str]) -> Caller {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        Caller {
            tenant_id: tenant,
            user_id: None,
            roles,
        }
    }

    fn tenant_of(
        event_type: &str,
        registered: Option<Uuid>,
        named: Option<Uuid>,
        caller: Option<&Caller>,
    ) -> Result<Uuid, &'static str> {
        of_caller(&event_type.parse().unwrap(), registered, named, caller)
            .map_err(|error| error.reason())
    }

    #[test]
    fn without_a_token_only_views_of_registered_events_are_accepted() {
        assert_eq!(tenant_of(PAGE_VIEW, Some(OURS), None, None), Ok(OURS));
        assert_eq!(tenant_of(PAGE_VIEW, None, None, None), Err("unauthorized"));
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, Some(OURS), None, None),
            Err("unauthorized")
        );
        assert_eq!(
            tenant_of(PAGE_VIEW, Some(OURS), Some(OURS), None),
            Err("forbidden_field")
        );
    }

    #[test]
    fn a_token_sends_facts_of_its_own_tenant() {
        let ours = caller(Some(OURS), &[]);
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, Some(OURS), None, Some(&ours)),
            Ok(OURS)
        );
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, None, None, Some(&ours)),
            Ok(OURS)
        );
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, Some(THEIRS), None, Some(&ours)),
            Err("unknown_event")
        );
        assert_eq!(
            tenant_of(PAGE_VIEW, Some(THEIRS), None, Some(&ours)),
            Ok(THEIRS)
        );
        assert_eq!(
            tenant_of(PAGE_VIEW, None, Some(THEIRS), Some(&ours)),
            Err("forbidden_field")
        );
        assert_eq!(
            tenant_of(PAGE_VIEW, None, None, Some(&caller(None, &[]))),
            Err("unauthorized")
        );
    }

    #[test]
    fn a_service_may_name_the_tenant_but_not_against_the_registry() {
        let service = caller(None, &["SERVICE"]);
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, Some(OURS), None, Some(&service)),
            Ok(OURS)
        );
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, None, Some(THEIRS), Some(&service)),
            Ok(THEIRS)
        );
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, Some(OURS), Some(THEIRS), Some(&service)),
            Err("invalid_field")
        );
        assert_eq!(
            tenant_of(CHECKIN_COMPLETED, None, None, Some(&service)),
            Err("invalid_field")
        );
    }

    #[test]
    fn a_file_may_name_any_tenant_but_not_against_the_registry() {
        let of_file = |registered, named, default| {
            of_row(registered, named, default).map_err(|error| error.reason())
        };
        assert_eq!(of_file(Some(OURS), None, Some(THEIRS)), Ok(OURS));
        assert_eq!(of_file(Some(OURS), Some(OURS), None), Ok(OURS));
        assert_eq!(
            of_file(Some(OURS), Some(THEIRS), Some(OURS)),
            Err("invalid_field")
        );
        assert_eq!(of_file(None, Some(THEIRS), Some(OURS)), Ok(THEIRS));
        assert_eq!(of_file(None, None, Some(OURS)), Ok(OURS));
        assert_eq!(of_file(None, None, None), Err("invalid_field"));
    }
}
