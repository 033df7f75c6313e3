//! The HTTP server: hyper, with limits that poem's own server does not have (ADR 0009), and a management
//! listener on a thread of its own (ADR 0020).

mod activity;
mod address_limit;
mod connection;
mod connection_limit;
mod http_server;
mod listener;
mod management;

use std::{io, time::Duration};

use poem::{Endpoint, EndpointExt};

use self::{
    address_limit::AddressLimit, connection_limit::ConnectionLimit, http_server::HttpServer,
};
use super::middleware::in_context;
use crate::{config::ServerConfig, lifecycle::Shutdown};

/// The time from a response of the API to the next complete header. The proxy must be the first to close
/// a connection that it reuses, or its next request is lost: nginx and AWS keep one for 60 s, Traefik for
/// 90 s, Caddy for 120 s, Google for 600 s.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(620);

/// Serves `api` until the drain of `shutdown` ends, then waits for open requests, at most for the shutdown time-out.
/// Serves `management` on its own listener until the process ends.
///
/// # Errors
/// When an address cannot be bound.
pub async fn serve(
    config: &ServerConfig,
    api: impl Endpoint + 'static,
    management: impl Endpoint + 'static,
    shutdown: Shutdown,
) -> io::Result<()> {
    let limit = ConnectionLimit::within_descriptors(config.http_max_connections)?;
    let connections = limit.max();
    let api = api.map_to_response().around(in_context).boxed();
    let half = u32::try_from(connections / 2).unwrap_or(u32::MAX);
    let per_address = config.http_max_connections_per_address.min(half).max(1);
    let addresses = AddressLimit::new(per_address, config.trusted_proxies.clone());
    let server = HttpServer::bind(
        config.listen_addr,
        limit,
        Some(addresses),
        KEEP_ALIVE_TIMEOUT,
    )?;
    let management = management.map_to_response().boxed();
    let management = management::start(config.management.management_addr, management).await?;
    tracing::info!(address = %management, "management listening");
    tracing::info!(address = %server.address(), connections, "listening");
    let timeout = Duration::from_secs(config.shutdown_timeout_seconds);
    server.run(api, shutdown, timeout).await;
    Ok(())
}
