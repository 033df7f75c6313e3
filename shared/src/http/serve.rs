//! Serving until we are asked to stop.

use std::time::Duration;

use poem::{Endpoint, Server, listener::TcpListener};
use tokio_util::sync::CancellationToken;

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
    tracing::info!(address = %config.listen_addr, "listening");
    Server::new(TcpListener::bind(config.listen_addr))
        .run_with_graceful_shutdown(
            endpoint,
            shutdown.cancelled_owned(),
            Some(Duration::from_secs(config.shutdown_timeout_seconds)),
        )
        .await
}
