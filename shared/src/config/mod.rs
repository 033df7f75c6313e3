//! Groups of settings shared by both tiers. Every setting is an environment variable and a flag; there
//! is no other source of configuration.

mod auth;
mod ca_file;
mod command_line;
mod connection_url;
mod database;
mod local_host;
mod logging;
mod origin;
mod secret;
mod server;
mod traces;

pub use auth::{AuthConfig, ReadRolesConfig, SessionConfig, WriteRolesConfig};
pub use ca_file::{CaFile, CaFileError};
pub use command_line::{parse, parse_or_serve};
pub use connection_url::ConnectionUrl;
pub use database::{DatabaseConfig, DatabaseUrlError, Pooler, verified_database_url};
pub use local_host::is_local_host;
pub use logging::{LogConfig, LogFormat};
pub use origin::{Origin, Origins};
pub use secret::Secret;
pub use server::{ManagementConfig, ServerConfig};
pub use traces::{ResourceAttributes, TraceConfig, TraceSampler};

use chrono_tz::Tz;

/// The calendar of events without a time zone.
#[derive(clap::Args, Clone, Debug)]
pub struct CalendarConfig {
    /// IANA time zone of events without one. It determines the day of a fact, so both tiers need the
    /// same value. A change does not affect days that are already in the rollup.
    #[arg(long, env = "DEFAULT_TIMEZONE", default_value = "UTC", value_parser = crate::parse::time_zone::parse)]
    pub default_timezone: Tz,
}
