//! The response of `GET /me`.

use analytics_shared::auth::{AuthorizedCaller, Credential, Permission, Section};
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
    /// Whether the caller may share events by links.
    pub can_share: bool,
    /// The view of the share link; `null` for other credentials.
    #[oai(nullable)]
    pub share: Option<ShareInfo>,
}

/// The view of a share link.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ShareInfo {
    /// Event id.
    pub event_id: Uuid,
    /// The sections of the figures.
    pub sections: Vec<Section>,
    /// Whether payments and refunds are shown.
    pub revenue: bool,
}

/// A kind of credential.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "camelCase")]
pub enum SessionKind {
    /// A bearer token of the platform.
    Token,
    /// The session of a browser.
    Browser,
    /// The access token of a share link.
    Share,
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
                Credential::ShareLink => SessionKind::Share,
            },
            can_export: may(Permission::ReadFigures) && may(Permission::ExportPersons),
            can_share: may(Permission::ShareEvents),
            share: authorized.shared_view().map(|view| ShareInfo {
                event_id: view.event_id,
                sections: view.sections.clone(),
                revenue: view.shows_revenue,
            }),
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
            can_share: true,
            share: None,
        }
    }
}
