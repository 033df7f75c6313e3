//! The browser or program that sends a fact. What it is known by is neither stored nor logged, so
//! it has no `Debug`.

use std::net::IpAddr;

use super::robot::{self, Flag};

/// The browser or program that sends a fact.
pub struct Client {
    pub(super) address: Option<IpAddr>,
    pub(super) user_agent: String,
    pub(super) flag: Option<Flag>,
    pub(super) declines: bool,
}

impl Client {
    /// A client at `address` that calls itself `user_agent`; `declines` if the person behind it does
    /// not want to be followed.
    #[must_use]
    pub fn new(
        address: Option<IpAddr>,
        user_agent: Option<&str>,
        is_prefetch: bool,
        declines: bool,
    ) -> Self {
        let is_robot = || user_agent.is_some_and(robot::is_robot);
        let flag = if is_prefetch {
            Some(Flag::Prefetch)
        } else if is_robot() {
            Some(Flag::Robot)
        } else {
            None
        };
        Self {
            address,
            user_agent: user_agent.unwrap_or_default().to_owned(),
            flag,
            declines,
        }
    }
}
