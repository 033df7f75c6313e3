//! The settings of the HTTP server.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use crate::http::{RateLimits, TrustedProxies};

/// The management listener.
#[derive(clap::Args, Clone, Debug)]
pub struct ManagementConfig {
    /// Address and port of the management listener, which serves `/livez`, `/readyz` and `/metrics`.
    #[arg(long, env = "MANAGEMENT_ADDR", default_value = "0.0.0.0:9086")]
    pub management_addr: SocketAddr,
}

/// The HTTP server.
#[derive(clap::Args, Clone, Debug)]
pub struct ServerConfig {
    /// Address and port of the API.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:8086")]
    pub listen_addr: SocketAddr,

    /// Management listener.
    #[command(flatten)]
    pub management: ManagementConfig,

    /// Maximum number of open connections. Further ones wait until another one is closed; when less than
    /// a tenth is free, idle connections are closed after 10 seconds. The limit is lowered if the process
    /// may open fewer files.
    #[arg(long, env = "HTTP_MAX_CONNECTIONS", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_max_connections: u32,

    /// Maximum number of open connections of one client address (IPv6: of a /64 network), at most half of all.
    /// Further ones are closed at once. Trusted proxies have no such limit.
    #[arg(long, env = "HTTP_MAX_CONNECTIONS_PER_ADDRESS", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_max_connections_per_address: u32,

    /// Trusted proxies, as addresses or networks like `10.0.0.0/8`, separated by commas. Only their
    /// `X-Forwarded-For` is used for the address of a client. Without it, all clients of a proxy have the
    /// limits of one.
    #[arg(
        long,
        env = "TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true
    )]
    pub trusted_proxies: TrustedProxies,

    /// Maximum number of requests per minute of an IPv4 address or an IPv6 network of 64 bits, which may
    /// arrive at once. Each further fact of a batch counts as a request, so that a batch cannot have more
    /// facts; requests of the role `SERVICE` do not count. Counted per process. More return 429.
    #[arg(long, env = "RATE_LIMIT_PER_ADDRESS", default_value = "6000")]
    pub rate_limit_per_address: NonZeroU32,

    /// Time after SIGTERM for which the service still accepts connections and requests, in seconds: at least
    /// until proxies have learned that it is not ready. It asks clients to close their connections meanwhile.
    #[arg(long, env = "DRAIN_SECONDS", default_value_t = 5)]
    pub drain_seconds: u64,

    /// Time for open requests to complete after the drain, in seconds.
    #[arg(long, env = "SHUTDOWN_TIMEOUT_SECONDS", default_value_t = 20)]
    pub shutdown_timeout_seconds: u64,
}

impl ServerConfig {
    /// The time after SIGTERM for which the service still accepts connections.
    #[must_use]
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }

    /// The rate limits; `per_tenant` is the maximum number of requests per minute with tokens of a tenant.
    #[must_use]
    pub fn rate_limits(&self, per_tenant: Option<NonZeroU32>) -> RateLimits {
        let proxies = self.trusted_proxies.clone();
        RateLimits::new(proxies, self.rate_limit_per_address, per_tenant)
    }
}
