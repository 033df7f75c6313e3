//! The authenticated caller.

use uuid::Uuid;

/// A role that grants permissions. Roles of other services are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads every tenant.
    Admin,
    /// A service of the platform: sends facts of any type, tenant and user. The fact names the user; the
    /// user of the token is ignored.
    Service,
}

impl Role {
    /// Its name in the claim `roles`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Service => "SERVICE",
        }
    }
}

/// The authenticated caller: the claims of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant (organization) of the caller.
    pub tenant_id: Option<Uuid>,
    /// The user.
    pub user_id: Option<Uuid>,
    /// The names of the roles.
    pub roles: Vec<String>,
}

impl Caller {
    /// Returns whether the caller has the role.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.iter().any(|name| name == role.name())
    }
}
