//! Published events, and the tenants of facts.

mod events;
mod tenants;

pub(super) use events::parse_zone;
