//! The settings of the HTTP server.

use std::net::SocketAddr;

/// The HTTP server.
#[derive(clap::Args, Clone, Debug)]
pub struct ServerConfig {
    /// Address and port of the API.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:8086")]
    pub listen_addr: SocketAddr,

    /// Address and port of the management listener, which serves `/livez`, `/readyz` and `/metrics`.
    #[arg(long, env = "MANAGEMENT_ADDR", default_value = "0.0.0.0:9086")]
    pub management_addr: SocketAddr,

    /// Maximum number of open connections. Further ones wait until another one is closed; when less than
    /// a tenth is free, idle connections are closed after 10 seconds. The limit is lowered if the process
    /// may open fewer files.
    #[arg(long, env = "HTTP_MAX_CONNECTIONS", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_max_connections: u32,

    /// Time for open requests to complete after SIGTERM, in seconds.
    #[arg(long, env = "SHUTDOWN_TIMEOUT_SECONDS", default_value_t = 20)]
    pub shutdown_timeout_seconds: u64,
}
