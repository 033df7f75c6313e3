//! The user of a fact, and the right of its sender to name it.

use uuid::Uuid;

use super::Reporter;
use crate::enrich::error::FactError;

/// Returns the user of a fact: the user of the token, or with the role `SERVICE` the user that the fact names.
/// The user of a service token is a service account: it would count as one visitor for everyone whose facts it
/// forwards.
pub fn of_fact(named: Option<Uuid>, reporter: Reporter) -> Result<Option<Uuid>, FactError> {
    match reporter {
        Reporter::Service { .. } => Ok(named),
        Reporter::User { user_id, .. } if named.is_some() && named != user_id => {
            Err(FactError::Forbidden("userId"))
        }
        Reporter::User { user_id, .. } => Ok(user_id),
        Reporter::Page { .. } | Reporter::Anonymous if named.is_some() => {
            Err(FactError::Unauthenticated("userId: requires a token"))
        }
        Reporter::Page { .. } | Reporter::Anonymous => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    #[test]
    fn only_a_service_may_name_another_user() {
        let user = Reporter::User {
            tenant_id: None,
            user_id: Some(OWN),
        };
        assert_eq!(of_fact(None, user).unwrap(), Some(OWN));
        assert_eq!(of_fact(Some(OWN), user).unwrap(), Some(OWN));
        assert!(of_fact(Some(OTHER), user).is_err());
        assert!(of_fact(Some(OTHER), Reporter::Anonymous).is_err());
        assert_eq!(of_fact(None, Reporter::Anonymous).unwrap(), None);
    }

    #[test]
    fn the_user_of_a_service_token_is_not_the_user_of_its_facts() {
        let service = Reporter::Service { tenant_id: None };
        for named in [None, Some(OTHER), Some(OWN)] {
            assert_eq!(of_fact(named, service).unwrap(), named);
        }
    }
}
