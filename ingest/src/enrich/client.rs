//! The browser or program that sends a fact over HTTP.

use std::net::IpAddr;

use analytics_shared::http::ClientNetwork;

use super::bot::{self, BotSignal};

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

    /// The network of the address.
    pub fn network(&self) -> Option<ClientNetwork> {
        self.address.map(ClientNetwork::from)
    }
}
