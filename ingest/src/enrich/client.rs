//! The browser or program that sends a fact over HTTP.

use std::net::IpAddr;

use analytics_shared::{http::ClientNetwork, parse::source};
use serde_json::{Map, Value};

use super::{
    bot::{self, BotSignal},
    properties::REFERRER,
};

/// The browser or program that sends a fact over HTTP. It identifies a person and must not be logged,
/// so it has no `Debug`.
pub struct Client {
    pub(super) address: Option<IpAddr>,
    pub(super) user_agent: String,
    pub(super) bot_signal: Option<BotSignal>,
    pub(super) do_not_track: bool,
    /// The host of the page that sends the fact.
    page_host: Option<String>,
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
            page_host: None,
        }
    }

    /// The same client, on a page of this origin.
    pub fn on_page_of(mut self, origin: &str) -> Self {
        self.page_host = source::of_url(origin);
        self
    }

    /// Drops the referrer if it is the site of the page itself, which brings no visitor. Returns the name of the
    /// dropped property.
    pub fn drop_own_referrer(&self, properties: &mut Map<String, Value>) -> Option<&'static str> {
        let referrer = properties.get(REFERRER)?.as_str()?;
        if self.page_host.as_deref() != Some(referrer) {
            return None;
        }
        properties.remove(REFERRER).map(|_| REFERRER)
    }

    /// The network of the address.
    pub fn network(&self) -> Option<ClientNetwork> {
        self.address.map(ClientNetwork::from)
    }
}
