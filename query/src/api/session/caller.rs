//! The response of `GET /me`.

use analytics_shared::auth::{AuthorizedCaller, Credential, Permission};
use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object, types::Example};
use uuid::Uuid;

use crate::api::responses::examples;

/// The caller.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct CallerInfo {
    /// Organization of the token; `null` if it has none.
    #[oai(nullable)]
    pub organization_id: Option<Uuid>,
    /// Names of the roles in the token.
    pub roles: Vec<String>,
    /// Time from which requests are rejected.
    pub expires_at: DateTime<Utc>,
    /// Credential of the request.
    pub session: SessionKind,
    /// Whether the caller may export rows about persons (the datasets `facts` and `registrations`).
    pub can_export: bool,
    /// Whether the caller may share events by links: not yet, because the service has no links.
    pub can_share: bool,
}

/// A kind of credential.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "camelCase")]
pub enum SessionKind {
    /// A bearer token of the platform.
    Token,
    /// The session of a browser.
    Browser,
}

impl From<&AuthorizedCaller> for CallerInfo {
    fn from(authorized: &AuthorizedCaller) -> Self {
        let caller = authorized.caller();
        let may = |permission| authorized.check(permission).is_ok();
        Self {
            organization_id: caller.tenant_id,
            roles: caller.roles.clone(),
            expires_at: authorized.expires_at(),
            session: match authorized.credential() {
                Credential::Token => SessionKind::Token,
                Credential::Session => SessionKind::Browser,
            },
            can_export: may(Permission::ReadFigures) && may(Permission::ExportPersons),
            can_share: false,
        }
    }
}

impl Example for CallerInfo {
    fn example() -> Self {
        Self {
            organization_id: Some(examples::ORGANIZATION),
            roles: vec!["ORGANIZER".to_owned()],
            expires_at: examples::time(),
            session: SessionKind::Browser,
            can_export: true,
            can_share: false,
        }
    }
}
