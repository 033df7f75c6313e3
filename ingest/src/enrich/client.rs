//! The sender of facts over HTTP: the caller, and its browser or program.

use std::net::IpAddr;

use analytics_shared::{
    auth::{Caller, Denied, Permission, Policy},
    event_type::EventType,
};

use super::{
    bot::{self, BotSignal},
    error::{FactError, TOKEN_REQUIRED},
};

/// The browser or program that sends a fact over HTTP. It identifies a person and must not be logged,
/// so it has no `Debug`.
pub struct Client {
    pub(super) address: Option<IpAddr>,
    pub(super) user_agent: String,
    pub(super) bot_signal: Option<BotSignal>,
    pub(super) do_not_track: bool,
}

impl Client {
    /// A client from the data of its request; `do_not_track` is its DNT or GPC header.
    pub fn new(
        address: Option<IpAddr>,
        user_agent: Option<&str>,
        is_prefetch: bool,
        do_not_track: bool,
    ) -> Self {
        let bot_signal = if is_prefetch {
            Some(BotSignal::Prefetch)
        } else {
            let is_bot = user_agent.is_some_and(bot::is_bot);
            is_bot.then_some(BotSignal::Bot)
        };
        Self {
            address,
            user_agent: user_agent.unwrap_or_default().to_owned(),
            bot_signal,
            do_not_track,
        }
    }
}

/// The sender of facts. Its caller is accessible only for a type of fact that the policy permits.
pub struct Sender {
    caller: Option<Caller>,
    policy: Policy,
}

impl Sender {
    /// A sender with the claims of its token, `None` without a token.
    pub fn new(caller: Option<Caller>, policy: Policy) -> Self {
        Self { caller, policy }
    }

    /// Returns the caller of a fact of this type, `None` for an anonymous one. Fails if the policy does not
    /// permit it to send the type, whatever the event.
    pub fn authorize(&self, event_type: &EventType) -> Result<Option<&Caller>, FactError> {
        let caller = self.caller.as_ref();
        match self.policy.check(caller, Permission::to_send(event_type)) {
            Ok(()) => Ok(caller),
            Err(Denied::TokenRequired) => Err(FactError::Unauthenticated(TOKEN_REQUIRED)),
            Err(Denied::MissingRole) => Err(FactError::MissingRole),
        }
    }
}
