//! The sender of facts over HTTP, and what it may send.

pub mod checked_fact;
pub mod tenant;
pub mod unattributed_fact;
mod user;

use std::sync::Arc;

use analytics_shared::{
    auth::{Caller, Denied, Permission, Policy, Role},
    event_type::EventType,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    enrich::error::{FactError, TOKEN_REQUIRED},
    store::lookup::write_keys::ActiveWriteKey,
};

/// The sender of facts. Its reporter is accessible only for a type of fact that the policy permits.
pub struct Sender {
    caller: Option<Caller>,
    write_key: Option<Arc<ActiveWriteKey>>,
    policy: Policy,
}

/// The reporter of a fact: a sender that may send its type. It determines how far the fact is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reporter {
    /// A caller with the role `SERVICE`.
    Service {
        /// The tenant of the token.
        tenant_id: Option<Uuid>,
    },
    /// A caller with another token.
    User {
        /// The tenant of the token.
        tenant_id: Option<Uuid>,
        /// The user of the token.
        user_id: Option<Uuid>,
    },
    /// An event page with a write key.
    Page {
        /// The tenant of the key.
        tenant_id: Uuid,
    },
    /// A sender without a token and a write key.
    Anonymous,
}

impl Sender {
    /// A sender with the claims of its token and its write key, as far as it has them.
    pub fn new(
        caller: Option<Caller>,
        write_key: Option<Arc<ActiveWriteKey>>,
        policy: Policy,
    ) -> Self {
        Self {
            caller,
            write_key,
            policy,
        }
    }

    /// Returns the reporter of a fact of this type. Fails if the policy does not permit the sender to send the
    /// type, whatever the event. A token takes precedence over a write key.
    pub fn authorize(&self, event_type: &EventType) -> Result<Reporter, FactError> {
        let caller = self.caller.as_ref();
        match self.policy.check(caller, Permission::to_send(event_type)) {
            Ok(()) => {}
            Err(Denied::TokenRequired) => return Err(FactError::Unauthenticated(TOKEN_REQUIRED)),
            Err(Denied::MissingRole) => return Err(FactError::MissingRole),
        }
        Ok(match (caller, &self.write_key) {
            (Some(caller), _) if caller.has_role(Role::Service) => Reporter::Service {
                tenant_id: caller.tenant_id,
            },
            (Some(caller), _) => Reporter::User {
                tenant_id: caller.tenant_id,
                user_id: caller.user_id,
            },
            (None, Some(key)) => Reporter::Page {
                tenant_id: key.tenant_id,
            },
            (None, None) => Reporter::Anonymous,
        })
    }
}

impl Reporter {
    /// The tenant of the token.
    pub fn tenant_id(self) -> Option<Uuid> {
        match self {
            Self::Service { tenant_id } | Self::User { tenant_id, .. } => tenant_id,
            Self::Page { .. } | Self::Anonymous => None,
        }
    }

    /// Returns whether it is a service, which forwards the facts of others.
    pub fn is_service(self) -> bool {
        matches!(self, Self::Service { .. })
    }

    /// Returns whether it has a token.
    pub fn has_token(self) -> bool {
        matches!(self, Self::Service { .. } | Self::User { .. })
    }
}
