//! Groups of settings that both tiers share. Every setting is a flag and an environment variable;
//! there is no other source of configuration.

mod command_line;
mod connection_url;
mod database;
mod logging;
mod secret;
mod server;

pub use command_line::parse_or_serve;
pub use connection_url::ConnectionUrl;
pub use database::DatabaseConfig;
pub use logging::{LogConfig, LogFormat};
pub use secret::Secret;
pub use server::{AuthConfig, ServerConfig};

use chrono_tz::Tz;

/// The calendar that days are counted in where an event names none.
#[derive(clap::Args, Clone, Debug)]
pub struct CalendarConfig {
    /// IANA time zone of events that name none. It decides the day that a fact is counted on, so
    /// both tiers need the same value; days that are counted already stay as they are when it changes.
    #[arg(long, env = "DEFAULT_TIMEZONE", default_value = "UTC", value_parser = crate::period::parse_time_zone)]
    pub default_timezone: Tz,
}
