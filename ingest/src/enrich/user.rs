//! The user of a fact, and the right of its sender to name it.

use analytics_shared::auth::{Caller, Role};
use uuid::Uuid;

use super::error::FactError;

/// Returns the user of a fact that `caller` sends: the user of the token, or with the role `SERVICE` the
/// user that the fact names. The user of a service token is a service account: it would count as one
/// visitor for everyone whose facts it forwards.
pub fn of_caller(named: Option<Uuid>, caller: Option<&Caller>) -> Result<Option<Uuid>, FactError> {
    if caller.is_some_and(|caller| caller.has_role(Role::Service)) {
        return Ok(named);
    }
    let own = caller.and_then(|caller| caller.user_id);
    if named.is_some() && named != own {
        return Err(FactError::Forbidden("userId"));
    }
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Uuid = Uuid::from_u128(1);
    const THEIRS: Uuid = Uuid::from_u128(2);

    fn caller(roles: &[&str], user: Uuid) -> Caller {
        Caller {
            tenant_id: None,
            user_id: Some(user),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
        }
    }

    #[test]
    fn only_a_service_may_name_another_user() {
        let person = caller(&[], OURS);
        assert_eq!(of_caller(None, Some(&person)).unwrap(), Some(OURS));
        assert_eq!(of_caller(Some(OURS), Some(&person)).unwrap(), Some(OURS));
        assert!(of_caller(Some(THEIRS), Some(&person)).is_err());
        assert!(of_caller(Some(THEIRS), None).is_err());
    }

    #[test]
    fn the_user_of_a_service_token_is_not_the_user_of_its_facts() {
        let service = caller(&["SERVICE"], OURS);
        assert_eq!(of_caller(None, Some(&service)).unwrap(), None);
        assert_eq!(
            of_caller(Some(THEIRS), Some(&service)).unwrap(),
            Some(THEIRS)
        );
        assert_eq!(of_caller(Some(OURS), Some(&service)).unwrap(), Some(OURS));
    }
}
