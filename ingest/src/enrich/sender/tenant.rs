//! The tenant of a fact, and the right of its sender to name it.

use analytics_shared::fact::Provenance;
use uuid::Uuid;

use super::Reporter;
use crate::enrich::error::{FactError, TOKEN_REQUIRED};

const TENANT_REQUIRED: &str = "the token names no tenant";

/// Checks the right of a reporter to name the tenant of a fact, whatever the event.
pub fn check_named(named: Option<Uuid>, reporter: Reporter) -> Result<(), FactError> {
    match reporter {
        Reporter::Page { .. } | Reporter::Anonymous if named.is_some() => {
            Err(FactError::Unauthenticated("tenantId: requires a token"))
        }
        Reporter::User { tenant_id, .. } if named.is_some() && named != tenant_id => {
            Err(FactError::Forbidden("tenantId"))
        }
        _ => Ok(()),
    }
}

/// Returns the tenant of a fact over HTTP, and how far it is trusted there.
///
/// A fact belongs to the tenant that has registered the event. A user's fact about an event that the user's
/// tenant has not registered stays in the user's tenant, whether another tenant has registered the event or
/// not, so that the response does not reveal it. The exception is a fact that anyone may send
/// (`is_unrestricted`), for example a view of the event's page, unless it names the user's tenant.
pub fn of_fact(
    reporter: Reporter,
    registered: Option<Uuid>,
    named: Option<Uuid>,
    is_unrestricted: impl FnOnce() -> bool,
) -> Result<(Uuid, Provenance), FactError> {
    match (reporter, registered) {
        (Reporter::Service { .. }, Some(tenant)) if named.is_some_and(|named| named != tenant) => {
            Err(registered_by_another())
        }
        (Reporter::Service { .. }, Some(tenant)) => Ok((tenant, Provenance::Service)),
        (Reporter::Service { tenant_id }, None) => {
            let tenant = named.or(tenant_id).ok_or_else(|| {
                FactError::invalid(
                    "tenantId",
                    "is required: the event is not registered, and the token names no tenant",
                )
            })?;
            Ok((tenant, Provenance::Service))
        }
        (Reporter::User { tenant_id, .. }, Some(tenant))
            if tenant_id != Some(tenant) && named.is_none() && is_unrestricted() =>
        {
            Ok((tenant, Provenance::Untrusted))
        }
        (Reporter::User { tenant_id, .. }, _) => {
            let own = tenant_id.ok_or(FactError::Unauthenticated(TENANT_REQUIRED))?;
            Ok((own, Provenance::User))
        }
        (Reporter::Page { tenant_id }, Some(tenant)) if tenant == tenant_id => {
            Ok((tenant, Provenance::Untrusted))
        }
        (Reporter::Page { .. }, _) => Err(FactError::UnknownEvent),
        (Reporter::Anonymous, Some(tenant)) => Ok((tenant, Provenance::Untrusted)),
        (Reporter::Anonymous, None) => Err(FactError::Unauthenticated(TOKEN_REQUIRED)),
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
    use super::{
        Provenance::{Service, Untrusted, User},
        *,
    };
    use crate::metrics::RejectionReason::{
        self, ForbiddenField, InvalidField, Unauthorized, UnknownEvent,
    };

    const OWN: Uuid = Uuid::from_u128(1);
    const FOREIGN: Uuid = Uuid::from_u128(2);

    fn user(tenant_id: Option<Uuid>) -> Reporter {
        Reporter::User {
            tenant_id,
            user_id: None,
        }
    }

    fn attributed(
        reporter: Reporter,
        registered: Option<Uuid>,
        named: Option<Uuid>,
        is_unrestricted: bool,
    ) -> Result<(Uuid, Provenance), RejectionReason> {
        check_named(named, reporter)
            .and_then(|()| of_fact(reporter, registered, named, || is_unrestricted))
            .map_err(|error| error.reason())
    }

    #[test]
    fn an_anonymous_fact_belongs_to_the_tenant_of_the_event() {
        let of = |registered, named| attributed(Reporter::Anonymous, registered, named, true);
        assert_eq!(of(Some(OWN), None), Ok((OWN, Untrusted)));
        assert_eq!(of(None, None), Err(Unauthorized));
        assert_eq!(of(Some(OWN), Some(OWN)), Err(Unauthorized));
    }

    #[test]
    fn a_write_key_does_not_distinguish_foreign_events_from_unknown_ones() {
        let page = Reporter::Page { tenant_id: OWN };
        let of = |registered| attributed(page, registered, None, true);
        assert_eq!(of(Some(OWN)), Ok((OWN, Untrusted)));
        assert_eq!(of(Some(FOREIGN)), Err(UnknownEvent));
        assert_eq!(of(None), Err(UnknownEvent));
    }

    #[test]
    fn a_user_sends_facts_of_its_own_tenant_whatever_another_has_registered() {
        let own = user(Some(OWN));
        let of = |registered, named| attributed(own, registered, named, false);
        for registered in [Some(OWN), Some(FOREIGN), None] {
            for named in [Some(OWN), None] {
                assert_eq!(of(registered, named), Ok((OWN, User)));
            }
            assert_eq!(of(registered, Some(FOREIGN)), Err(ForbiddenField));
            let without_tenant = attributed(user(None), registered, None, false);
            assert_eq!(without_tenant, Err(Unauthorized));
        }
    }

    #[test]
    fn a_view_of_a_user_belongs_to_the_tenant_of_the_event_and_is_not_trusted_there() {
        let own = user(Some(OWN));
        let of = |registered, named| attributed(own, registered, named, true);
        assert_eq!(of(Some(OWN), None), Ok((OWN, User)));
        assert_eq!(of(Some(FOREIGN), None), Ok((FOREIGN, Untrusted)));
        assert_eq!(of(Some(FOREIGN), Some(OWN)), Ok((OWN, User)));
        assert_eq!(of(None, None), Ok((OWN, User)));
    }

    #[test]
    fn a_service_may_name_the_tenant_but_not_against_the_registry() {
        let service = |tenant_id| Reporter::Service { tenant_id };
        let of = |registered, named| attributed(service(None), registered, named, true);
        assert_eq!(of(Some(OWN), None), Ok((OWN, Service)));
        assert_eq!(of(None, Some(FOREIGN)), Ok((FOREIGN, Service)));
        assert_eq!(of(Some(OWN), Some(FOREIGN)), Err(InvalidField));
        assert_eq!(of(None, None), Err(InvalidField));
        let of_tenant = attributed(service(Some(OWN)), None, None, true);
        assert_eq!(of_tenant, Ok((OWN, Service)));
    }

    #[test]
    fn a_file_may_name_any_tenant_but_not_against_the_registry() {
        let of_file = |registered, named, default| {
            of_row(registered, named, default).map_err(|error| error.reason())
        };
        assert_eq!(of_file(Some(OWN), None, Some(FOREIGN)), Ok(OWN));
        assert_eq!(of_file(Some(OWN), Some(OWN), None), Ok(OWN));
        assert_eq!(
            of_file(Some(OWN), Some(FOREIGN), Some(OWN)),
            Err(InvalidField)
        );
        assert_eq!(of_file(None, Some(FOREIGN), Some(OWN)), Ok(FOREIGN));
        assert_eq!(of_file(None, None, Some(OWN)), Ok(OWN));
        assert_eq!(of_file(None, None, None), Err(InvalidField));
    }
}
