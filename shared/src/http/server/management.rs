//! The management listener. It has a thread, connections and file descriptors of its own, so that probes
//! are answered whatever the load on the API.

use std::{io, net::SocketAddr, thread, time::Duration};

use metrics::Gauge;
use poem::{Response, endpoint::BoxEndpoint};
use tokio::{runtime::Builder, sync::oneshot};

use super::{connection_limit::ConnectionLimit, http_server::HttpServer};
use crate::lifecycle::Shutdown;

/// The maximum number of connections: probes and scrapers. They use reserved file descriptors.
const MAX_CONNECTIONS: usize = 64;
/// The time from a response to the next complete header: longer than the usual interval of scrapes.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(90);

/// Serves `endpoint` on a thread of its own until the process ends, so that probes are also answered during
/// shutdown. Returns the address that is bound.
///
/// # Errors
/// When the address cannot be bound, or the thread cannot be started.
pub(super) async fn start(
    address: SocketAddr,
    endpoint: BoxEndpoint<'static, Response>,
) -> io::Result<SocketAddr> {
    let (sender, bound) = oneshot::channel();
    let thread = thread::Builder::new().name("management".to_owned());
    thread.spawn(move || {
        if let Err(error) = run(address, endpoint, sender) {
            tracing::error!(%error, "the management thread has no runtime");
        }
    })?;
    bound
        .await
        .unwrap_or_else(|_| Err(io::Error::other("the management thread has ended")))
}

fn run(
    address: SocketAddr,
    endpoint: BoxEndpoint<'static, Response>,
    bound: oneshot::Sender<io::Result<SocketAddr>>,
) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let limit = ConnectionLimit::new(MAX_CONNECTIONS, Gauge::noop());
        // A receiver that has gone has nothing to be told.
        match HttpServer::bind(address, limit, None, KEEP_ALIVE_TIMEOUT) {
            Ok(server) => {
                let _ = bound.send(Ok(server.address()));
                let never = Shutdown::default();
                server.run(endpoint, never, Duration::ZERO).await;
            }
            Err(error) => {
                let _ = bound.send(Err(error));
            }
        }
    });
    Ok(())
}
