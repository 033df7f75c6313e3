//! The policy: the permission that each route and each type of fact needs, and the roles that have it.

use std::{convert::Infallible, str::FromStr, sync::Arc};

use thiserror::Error;

use super::caller::{Caller, Role};
use crate::{event_type::EventType, problem::Problem};

/// An action that the policy permits by role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Sending `page.view` and `registration.started`, which happen in the browser of a visitor, and loading the
    /// script that does.
    SendBrowserFacts,
    /// Sending facts without a meaning in dashboards.
    SendCustomFacts,
    /// Sending registrations, cancellations, check-ins, payments and refunds.
    SendLifecycleFacts,
    /// Signing in with a token, signing out, and opening a share link.
    SignIn,
    /// Reading what the token says of its caller.
    ReadCaller,
    /// Reading the figures of an event.
    ReadEvent,
    /// Reading the figures of a tenant.
    ReadFigures,
    /// Exporting rows about persons: the datasets `facts` and `registrations`.
    ExportPersons,
    /// Creating, listing and revoking the share links of an event.
    ShareEvents,
    /// Creating, listing and revoking the write keys of event pages.
    ManageWriteKeys,
}

/// The routes, each with the permission to call it. A route that receives facts also
/// checks the type of each one ([`Permission::to_send`]), and the export checks its dataset.
const ROUTES: [(&str, &str, Permission); 19] = [
    ("GET", "/track.js", Permission::SendBrowserFacts),
    ("POST", "/track", Permission::SendBrowserFacts),
    ("POST", "/track/batch", Permission::SendBrowserFacts),
    ("POST", "/app/session", Permission::SignIn),
    ("DELETE", "/app/session", Permission::SignIn),
    ("POST", "/app/share-session", Permission::SignIn),
    ("GET", "/me", Permission::ReadCaller),
    ("GET", "/events/{eventId}/dashboard", Permission::ReadEvent),
    ("GET", "/events/{eventId}/funnel", Permission::ReadEvent),
    ("GET", "/events/{eventId}/live", Permission::ReadEvent),
    ("POST", "/events/{eventId}/shares", Permission::ShareEvents),
    ("GET", "/events/{eventId}/shares", Permission::ShareEvents),
    (
        "DELETE",
        "/events/{eventId}/shares/{shareId}",
        Permission::ShareEvents,
    ),
    (
        "GET",
        "/organizations/{orgId}/report",
        Permission::ReadFigures,
    ),
    (
        "GET",
        "/organizations/{orgId}/events",
        Permission::ReadFigures,
    ),
    ("POST", "/export", Permission::ReadFigures),
    ("POST", "/write-keys", Permission::ManageWriteKeys),
    ("GET", "/write-keys", Permission::ManageWriteKeys),
    ("DELETE", "/write-keys/{id}", Permission::ManageWriteKeys),
];

/// The path prefix of the API, which precedes the paths of [`ROUTES`] except those of the page.
const PREFIX: &str = "/api/v1/analytics";
/// The path prefix of the page.
const PAGE_PREFIX: &str = "/app/";

impl Permission {
    /// Returns the permission to send facts of a type.
    #[must_use]
    pub fn to_send(event_type: &EventType) -> Self {
        if event_type.is_public() {
            Self::SendBrowserFacts
        } else if event_type.is_known() {
            Self::SendLifecycleFacts
        } else {
            Self::SendCustomFacts
        }
    }

    /// Returns the permission to call a route, whose path has its parameters as `{name}` (OpenAPI) or
    /// `:name` (poem). `None` for a route without a rule.
    #[must_use]
    pub fn to_call(method: &str, path: &str) -> Option<Self> {
        let is_page = |path: &&str| path.starts_with(PAGE_PREFIX);
        let of_page = Some(path).filter(is_page);
        let path = of_page.or_else(|| path.strip_prefix(PREFIX).filter(|path| !is_page(path)))?;
        let mut routes = ROUTES.iter();
        let route = routes.find(|route| route.0 == method && is_same_path(route.1, path));
        route.map(|route| route.2)
    }
}

/// Returns whether two paths differ at most in the names of their parameters.
fn is_same_path(one: &str, other: &str) -> bool {
    fn segments(path: &str) -> impl Iterator<Item = &str> {
        let is_parameter = |segment: &str| segment.starts_with(['{', ':']);
        path.split('/')
            .map(move |segment| if is_parameter(segment) { "{}" } else { segment })
    }
    segments(one).eq(segments(other))
}

/// The callers that have a permission.
enum Grantees<'a> {
    Services,
    Everybody,
    AnyToken,
    AnyOf(&'a RoleNames),
}

/// The permissions of callers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Policy(Arc<GrantedRoles>);

/// The roles that an operator configures.
#[derive(Clone, Debug, Default)]
pub struct GrantedRoles {
    /// The roles that send lifecycle facts. Without any, only messages from RabbitMQ do.
    pub write: RoleNames,
    /// The roles that read; without any, every token of the tenant does.
    pub read: RoleNames,
    /// The roles that export rows about persons; without any, every token that reads does.
    pub export: RoleNames,
    /// The roles that share events by links; without any, every token that reads does.
    pub share: RoleNames,
}

/// The reason why a caller has no permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Denied {
    /// Anonymous callers have no permission.
    #[error("a token is required")]
    TokenRequired,
    /// The token has none of the permitted roles.
    #[error("the token has no role that permits this")]
    MissingRole,
}

impl Policy {
    /// The policy with the configured roles.
    #[must_use]
    pub fn new(roles: GrantedRoles) -> Self {
        Self(Arc::new(roles))
    }

    /// The policy table.
    fn grantees(&self, permission: Permission) -> Grantees<'_> {
        match permission {
            Permission::SendBrowserFacts | Permission::SignIn => Grantees::Everybody,
            Permission::SendCustomFacts | Permission::ReadCaller => Grantees::AnyToken,
            Permission::SendLifecycleFacts => Grantees::AnyOf(&self.0.write),
            Permission::ReadEvent | Permission::ReadFigures if self.0.read.is_empty() => {
                Grantees::AnyToken
            }
            Permission::ReadEvent | Permission::ReadFigures => Grantees::AnyOf(&self.0.read),
            Permission::ExportPersons if self.0.export.is_empty() => Grantees::AnyToken,
            Permission::ExportPersons => Grantees::AnyOf(&self.0.export),
            Permission::ShareEvents if self.0.share.is_empty() => Grantees::AnyToken,
            Permission::ShareEvents => Grantees::AnyOf(&self.0.share),
            Permission::ManageWriteKeys => Grantees::Services,
        }
    }

    /// Checks a permission of `caller`, `None` for an anonymous one. The tenant is checked elsewhere.
    ///
    /// # Errors
    /// When the caller does not have it.
    pub fn check(&self, caller: Option<&Caller>, permission: Permission) -> Result<(), Denied> {
        // A share link shows what its creator can read.
        if permission == Permission::ShareEvents {
            self.check(caller, Permission::ReadEvent)?;
        }
        match (self.grantees(permission), caller) {
            (Grantees::Everybody, _) | (Grantees::AnyToken, Some(_)) => Ok(()),
            (_, None) => Err(Denied::TokenRequired),
            (Grantees::AnyOf(roles), Some(caller)) if roles.include(caller, permission) => Ok(()),
            (Grantees::Services, Some(caller)) if caller.has_role(Role::Service) => Ok(()),
            (Grantees::AnyOf(_) | Grantees::Services, Some(_)) => Err(Denied::MissingRole),
        }
    }
}

/// Names of roles, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleNames(Vec<String>);

impl RoleNames {
    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether `caller` has one of the roles; `ADMIN` reads everything.
    fn include(&self, caller: &Caller, permission: Permission) -> bool {
        let is_read = matches!(
            permission,
            Permission::ReadEvent
                | Permission::ReadFigures
                | Permission::ExportPersons
                | Permission::ShareEvents
        );
        (is_read && caller.has_role(Role::Admin))
            || caller.roles.iter().any(|role| self.0.contains(role))
    }
}

impl FromStr for RoleNames {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim);
        let names = names.filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(Self(names.collect()))
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::TokenRequired => Self::unauthorized("send a token: `Authorization: Bearer …`"),
            Denied::MissingRole => Self::forbidden("missing_role", denied.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Permission::{
            ExportPersons, ManageWriteKeys, ReadEvent, ReadFigures, SendBrowserFacts,
            SendCustomFacts, SendLifecycleFacts, ShareEvents, SignIn,
        },
        *,
    };

    const ALL: [Permission; 8] = [
        SendBrowserFacts,
        SendCustomFacts,
        SendLifecycleFacts,
        ReadEvent,
        ReadFigures,
        ExportPersons,
        ShareEvents,
        ManageWriteKeys,
    ];

    fn caller(roles: &[&str]) -> Caller {
        Caller {
            tenant_id: None,
            user_id: None,
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
        }
    }

    fn permitted(policy: &Policy, caller: Option<&Caller>) -> Vec<Permission> {
        let has = |&permission: &Permission| policy.check(caller, permission).is_ok();
        ALL.into_iter().filter(has).collect()
    }

    fn roles(text: &str) -> RoleNames {
        text.parse().unwrap()
    }

    #[test]
    fn by_default_lifecycle_facts_need_the_configured_role_and_reading_any_token() {
        let policy = Policy::new(GrantedRoles {
            write: roles("SERVICE"),
            ..GrantedRoles::default()
        });
        assert_eq!(permitted(&policy, None), [SendBrowserFacts]);
        let without_lifecycle = [
            SendBrowserFacts,
            SendCustomFacts,
            ReadEvent,
            ReadFigures,
            ExportPersons,
            ShareEvents,
        ];
        for roles in [&[][..], &["USER"], &["ADMIN"], &["service"]] {
            assert_eq!(
                permitted(&policy, Some(&caller(roles))),
                without_lifecycle,
                "{roles:?}"
            );
        }
        assert_eq!(permitted(&policy, Some(&caller(&["SERVICE"]))), ALL);
    }

    #[test]
    fn configured_roles_restrict_reading_exporting_and_sharing_except_for_admins() {
        let policy = Policy::new(GrantedRoles {
            write: roles(""),
            read: roles("ORGANIZER, ANALYST,"),
            export: roles("ANALYST"),
            share: roles("ORGANIZER,MARKETING"),
        });
        for (names, expected) in [
            (&["USER"][..], &[SendBrowserFacts, SendCustomFacts][..]),
            (
                &["ORGANIZER"],
                &[
                    SendBrowserFacts,
                    SendCustomFacts,
                    ReadEvent,
                    ReadFigures,
                    ShareEvents,
                ],
            ),
            // Sharing needs reading.
            (&["MARKETING"], &[SendBrowserFacts, SendCustomFacts]),
            (
                &["USER", "ANALYST"],
                &[
                    SendBrowserFacts,
                    SendCustomFacts,
                    ReadEvent,
                    ReadFigures,
                    ExportPersons,
                ],
            ),
            (
                &["ADMIN"],
                &[
                    SendBrowserFacts,
                    SendCustomFacts,
                    ReadEvent,
                    ReadFigures,
                    ExportPersons,
                    ShareEvents,
                ],
            ),
            (
                &["SERVICE"],
                &[SendBrowserFacts, SendCustomFacts, ManageWriteKeys],
            ),
        ] {
            assert_eq!(
                permitted(&policy, Some(&caller(names))),
                expected,
                "{names:?}"
            );
        }
    }

    #[test]
    fn every_event_type_belongs_to_one_group() {
        for (name, expected) in [
            ("page.view", SendBrowserFacts),
            ("registration.started", SendBrowserFacts),
            ("registration.completed", SendLifecycleFacts),
            ("registration.cancelled", SendLifecycleFacts),
            ("checkin.completed", SendLifecycleFacts),
            ("payment.completed", SendLifecycleFacts),
            ("payment.refunded", SendLifecycleFacts),
            ("newsletter.opened", SendCustomFacts),
        ] {
            let event_type = name.parse().unwrap();
            assert_eq!(Permission::to_send(&event_type), expected, "{name}");
        }
    }

    #[test]
    fn a_route_without_a_rule_has_no_permission() {
        let known = Permission::to_call("POST", "/api/v1/analytics/track");
        assert_eq!(known, Some(SendBrowserFacts));
        assert_eq!(Permission::to_call("POST", "/app/session"), Some(SignIn));
        for path in ["/events/:param0/live", "/events/{eventId}/live"] {
            let known = Permission::to_call("GET", &format!("{PREFIX}{path}"));
            assert_eq!(known, Some(ReadEvent), "{path}");
        }
        for (method, path) in [
            ("GET", "/api/v1/analytics/track"),
            ("POST", "/api/v1/analytics/track/"),
            ("POST", "/track"),
            ("GET", "/me"),
            ("POST", "/api/v1/analytics/app/session"),
            ("GET", "/app/session"),
        ] {
            assert_eq!(Permission::to_call(method, path), None, "{method} {path}");
        }
    }
}
