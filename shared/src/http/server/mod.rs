//! The HTTP server: hyper, with limits that poem's own server does not have (ADR 0009).

mod activity;
mod connection;
mod connection_limit;
mod listener;

use std::{io, sync::Arc, time::Duration};

use poem::{
    Addr, Endpoint, EndpointExt,
    web::{LocalAddr, RemoteAddr},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{connection::ConnectionServer, connection_limit::ConnectionLimit, listener::Listener};
use crate::config::ServerConfig;

/// Serves `endpoint` until `shutdown`, then waits for open requests, at most for the shutdown time-out.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve(
    config: &ServerConfig,
    endpoint: impl Endpoint + 'static,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let limit = ConnectionLimit::new(config.http_max_connections)?;
    let address = config.listen_addr;
    let mut listener = Listener::bind(address, limit.clone())?;
    tracing::info!(%address, connections = limit.max(), "listening");
    let forced_shutdown = CancellationToken::new();
    let server = Arc::new(ConnectionServer {
        builder: connection::http_builder(),
        endpoint: endpoint.map_to_response().boxed(),
        local: LocalAddr(Addr::SocketAddr(address)),
        limit,
        graceful_shutdown: shutdown.clone(),
        forced_shutdown: forced_shutdown.clone(),
    });
    let connections = TaskTracker::new();
    while let Some((stream, peer, permit)) = shutdown.run_until_cancelled(listener.accept()).await {
        let serving = Arc::clone(&server).serve(stream, RemoteAddr(Addr::SocketAddr(peer)));
        connections.spawn(async move {
            let _permit = permit;
            serving.await;
        });
    }
    drop(listener);
    connections.close();
    let timeout = Duration::from_secs(config.shutdown_timeout_seconds);
    if tokio::time::timeout(timeout, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!(connections = connections.len(), "open requests are aborted");
        forced_shutdown.cancel();
        connections.wait().await;
    }
    Ok(())
}
