//! Whose fact it is, and who may say so.

use analytics_shared::{
    auth::{Caller, Role},
    event_type::EventType,
};
use uuid::Uuid;

use super::Refusal;

const TOKEN_NEEDED: &str = "a token is needed: without one only page.view and registration.started of a registered event are taken";
const TENANT_NEEDED: &str = "the token names no tenant, and the event is not registered";

/// The tenant of a fact that `caller` sends: the registered event's, else the caller's own. A
/// service of the platform may name another.
///
/// # Errors
/// When the caller may not send this fact.
pub fn tenant(
    event_type: &EventType,
    registered: Option<Uuid>,
    named: Option<Uuid>,
    caller: Option<&Caller>,
) -> Result<Uuid, Refusal> {
    let own = caller.and_then(|caller| caller.tenant_id);
    let is_service = caller.is_some_and(|caller| caller.has_role(Role::Service));
    if named.is_some() && named != own && !is_service {
        return Err(Refusal::NotYours("tenantId"));
    }
    match (registered, caller) {
        (Some(tenant), Some(_)) if is_service && named.is_some_and(|named| named != tenant) => Err(
            Refusal::invalid("tenantId", "the event is registered by another tenant"),
        ),
        (Some(tenant), _) if event_type.is_public() || is_service || own == Some(tenant) => {
            Ok(tenant)
        }
        (_, None) => Err(Refusal::TokenNeeded(TOKEN_NEEDED)),
        (Some(_), Some(_)) => Err(Refusal::UnknownEvent),
        (None, Some(_)) if is_service => named.or(own).ok_or_else(|| {
            Refusal::invalid(
                "tenantId",
                "is needed: the event is not registered, and the token names no tenant",
            )
        }),
        (None, Some(_)) => own.ok_or(Refusal::TokenNeeded(TENANT_NEEDED)),
    }
}

/// The tenant of a fact that a file tells: the registered event's, else the one that the row names,
/// else `otherwise`. Who imports may name any tenant, but not against the registry.
///
/// # Errors
/// When there is none, or the row names another than the registry.
pub fn imported(
    registered: Option<Uuid>,
    named: Option<Uuid>,
    otherwise: Option<Uuid>,
) -> Result<Uuid, Refusal> {
    match (registered, named) {
        (Some(tenant), Some(named)) if named != tenant => Err(Refusal::invalid(
            "tenantId",
            "the event is registered by another tenant",
        )),
        (Some(tenant), _) => Ok(tenant),
        (None, named) => named.or(otherwise).ok_or_else(|| {
            let message =
                "is needed: the event is not registered; name it in the row or with --tenant";
            Refusal::invalid("tenantId", message)
        }),
    }
}

/// The user of a fact that `caller` sends: the user of the token, or with the role `SERVICE` the user
/// that the fact names. A service sends the facts of many people: the user of its token is the
/// service account, which would count as one visitor for all of them.
///
/// # Errors
/// When the caller may not name a user.
pub fn user(named: Option<Uuid>, caller: Option<&Caller>) -> Result<Option<Uuid>, Refusal> {
    if caller.is_some_and(|caller| caller.has_role(Role::Service)) {
        return Ok(named);
    }
    let own = caller.and_then(|caller| caller.user_id);
    if named.is_some() && named != own {
        return Err(Refusal::NotYours("userId"));
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{CHECKIN_COMPLETED, PAGE_VIEW};

    use super::*;

    const OURS: Uuid = Uuid::from_u128(1);
    const THEIRS: Uuid = Uuid::from_u128(2);

    fn of(tenant: Option<Uuid>, roles: &[&str]) -> Caller {
        let roles = roles.iter().map(|&role| role.to_owned()).collect();
        Caller {
            tenant_id: tenant,
            user_id: None,
            roles,
        }
    }

    fn asked(
        event_type: &str,
        registered: Option<Uuid>,
        named: Option<Uuid>,
        caller: Option<&Caller>,
    ) -> Result<Uuid, &'static str> {
        tenant(&event_type.parse().unwrap(), registered, named, caller)
            .map_err(|refusal| refusal.reason())
    }

    #[test]
    fn anybody_may_view_a_registered_event_and_nothing_else() {
        assert_eq!(asked(PAGE_VIEW, Some(OURS), None, None), Ok(OURS));
        assert_eq!(asked(PAGE_VIEW, None, None, None), Err("unauthorized"));
        assert_eq!(
            asked(CHECKIN_COMPLETED, Some(OURS), None, None),
            Err("unauthorized")
        );
        assert_eq!(
            asked(PAGE_VIEW, Some(OURS), Some(OURS), None),
            Err("forbidden_field")
        );
    }

    #[test]
    fn a_token_sends_facts_of_its_own_tenant() {
        let ours = of(Some(OURS), &[]);
        assert_eq!(
            asked(CHECKIN_COMPLETED, Some(OURS), None, Some(&ours)),
            Ok(OURS)
        );
        assert_eq!(asked(CHECKIN_COMPLETED, None, None, Some(&ours)), Ok(OURS));
        assert_eq!(
            asked(CHECKIN_COMPLETED, Some(THEIRS), None, Some(&ours)),
            Err("unknown_event")
        );
        assert_eq!(
            asked(PAGE_VIEW, Some(THEIRS), None, Some(&ours)),
            Ok(THEIRS)
        );
        assert_eq!(
            asked(PAGE_VIEW, None, Some(THEIRS), Some(&ours)),
            Err("forbidden_field")
        );
        assert_eq!(
            asked(PAGE_VIEW, None, None, Some(&of(None, &[]))),
            Err("unauthorized")
        );
    }

    #[test]
    fn a_service_may_name_the_tenant_but_not_against_the_registry() {
        let service = of(None, &["SERVICE"]);
        assert_eq!(
            asked(CHECKIN_COMPLETED, Some(OURS), None, Some(&service)),
            Ok(OURS)
        );
        assert_eq!(
            asked(CHECKIN_COMPLETED, None, Some(THEIRS), Some(&service)),
            Ok(THEIRS)
        );
        assert_eq!(
            asked(CHECKIN_COMPLETED, Some(OURS), Some(THEIRS), Some(&service)),
            Err("invalid_field")
        );
        assert_eq!(
            asked(CHECKIN_COMPLETED, None, None, Some(&service)),
            Err("invalid_field")
        );
    }

    #[test]
    fn a_file_may_name_any_tenant_but_not_against_the_registry() {
        let of_file = |registered, named, otherwise| {
            imported(registered, named, otherwise).map_err(|refusal| refusal.reason())
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

    #[test]
    fn only_a_service_may_name_another_user() {
        let person = Caller {
            user_id: Some(OURS),
            ..of(None, &[])
        };
        assert_eq!(user(None, Some(&person)).unwrap(), Some(OURS));
        assert_eq!(user(Some(OURS), Some(&person)).unwrap(), Some(OURS));
        assert!(user(Some(THEIRS), Some(&person)).is_err());
        assert!(user(Some(THEIRS), None).is_err());
        assert_eq!(
            user(Some(THEIRS), Some(&of(None, &["SERVICE"]))).unwrap(),
            Some(THEIRS)
        );
    }

    #[test]
    fn the_user_of_a_service_token_is_not_the_user_of_its_facts() {
        let service = Caller {
            user_id: Some(OURS),
            ..of(None, &["SERVICE"])
        };
        assert_eq!(user(None, Some(&service)).unwrap(), None);
        assert_eq!(user(Some(THEIRS), Some(&service)).unwrap(), Some(THEIRS));
        assert_eq!(user(Some(OURS), Some(&service)).unwrap(), Some(OURS));
    }
}
