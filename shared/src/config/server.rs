//! Where we listen, and whose tokens we believe.

use std::net::SocketAddr;

use super::Secret;
use crate::auth::TokenKeys;

/// The HTTP server.
#[derive(clap::Args, Clone, Debug)]
pub struct ServerConfig {
    /// Address and port to listen on.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:8086")]
    pub listen_addr: SocketAddr,

    /// Connections at once at most. Those beyond wait, unanswered, until another one ends; when less
    /// than a tenth is free, connections without a request are closed after 10 seconds. Each takes a
    /// file descriptor: where the process may have fewer of these, so many fewer are taken.
    #[arg(long, env = "HTTP_MAX_CONNECTIONS", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub http_max_connections: u32,

    /// Seconds that open requests may take to finish once we were asked to stop.
    #[arg(long, env = "SHUTDOWN_TIMEOUT_SECONDS", default_value_t = 20)]
    pub shutdown_timeout_seconds: u64,
}

/// Tokens.
#[derive(clap::Args, Clone, Debug)]
pub struct AuthConfig {
    /// The secret that the platform signs its tokens with (HS256, HS384 or HS512).
    #[arg(long, env = "JWT_SECRET", hide_env_values = true, value_parser = non_empty)]
    pub jwt_secret: Secret,
}

impl AuthConfig {
    /// Keys for checking and minting tokens.
    #[must_use]
    pub fn keys(&self) -> TokenKeys {
        TokenKeys::new(self.jwt_secret.expose())
    }
}

fn non_empty(text: &str) -> Result<Secret, String> {
    if text.is_empty() {
        return Err("an empty secret would let anybody in".to_owned());
    }
    text.parse()
        .map_err(|never: std::convert::Infallible| match never {})
}
