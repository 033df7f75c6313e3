//! Serving until we are asked to stop.
//!
//! The framework's own server has no time-out, and takes connections without bound.

use std::{sync::Arc, time::Duration};

use poem::{
    Addr, Endpoint, EndpointExt,
    web::{LocalAddr, RemoteAddr},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    accept::{Acceptor, Room},
    connection::Connections,
};
use crate::config::ServerConfig;

/// Serves `endpoint` until `shutdown`, then lets open requests finish.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(
    config: &ServerConfig,
    endpoint: impl Endpoint + 'static,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let room = Room::new(config.http_max_connections)?;
    let address = config.listen_addr;
    let mut acceptor = Acceptor::new(address, room.clone())?;
    tracing::info!(%address, connections = room.size(), "listening");
    let cut = CancellationToken::new();
    let connections = Arc::new(Connections::new(
        endpoint.map_to_response().boxed(),
        LocalAddr(Addr::SocketAddr(address)),
        room,
        shutdown.clone(),
        cut.clone(),
    ));
    let tasks = TaskTracker::new();
    while let Some((stream, peer, place)) = shutdown.run_until_cancelled(acceptor.next()).await {
        // An answer is written in one go; to wait for more would only delay it.
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let serving = Arc::clone(&connections).serve(stream, RemoteAddr(Addr::SocketAddr(peer)));
        tasks.spawn(async move {
            let _place = place;
            serving.await;
        });
    }
    drop(acceptor);
    tasks.close();
    let patience = Duration::from_secs(config.shutdown_timeout_seconds);
    if tokio::time::timeout(patience, tasks.wait()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "requests are broken off");
        cut.cancel();
        tasks.wait().await;
    }
    Ok(())
}
