//! A listener with its connections, from binding to the end of the last one.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{
    Addr, Response,
    endpoint::BoxEndpoint,
    web::{LocalAddr, RemoteAddr},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    address_limit::AddressLimit,
    connection::{ConnectionServer, http_builder},
    connection_limit::ConnectionLimit,
    listener::Listener,
};
use crate::lifecycle::Shutdown;

/// A bound listener that does not accept connections yet.
pub(super) struct HttpServer {
    listener: Listener,
    address: SocketAddr,
    limit: ConnectionLimit,
    keep_alive_timeout: Duration,
}

impl HttpServer {
    /// Listens on `address`. `addresses` is the limit of each client address, if there is one.
    ///
    /// # Errors
    /// When the address cannot be bound; the error names it.
    pub(super) fn bind(
        address: SocketAddr,
        limit: ConnectionLimit,
        addresses: Option<AddressLimit>,
        keep_alive_timeout: Duration,
    ) -> io::Result<Self> {
        let bound = Listener::bind(address, limit.clone(), addresses)
            .and_then(|listener| Ok((listener.address()?, listener)));
        let (address, listener) = bound.map_err(|error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        })?;
        Ok(Self {
            listener,
            address,
            limit,
            keep_alive_timeout,
        })
    }

    /// The address that is bound.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `endpoint` until the drain of `shutdown` ends, then waits for open requests, at most for `timeout`.
    pub(super) async fn run(
        self,
        endpoint: BoxEndpoint<'static, Response>,
        shutdown: Shutdown,
        timeout: Duration,
    ) {
        let forced_shutdown = CancellationToken::new();
        let server = Arc::new(ConnectionServer {
            builder: http_builder(),
            endpoint,
            local: LocalAddr(Addr::SocketAddr(self.address)),
            limit: self.limit,
            keep_alive_timeout: self.keep_alive_timeout,
            shutdown: shutdown.clone(),
            forced_shutdown: forced_shutdown.clone(),
        });
        let connections = TaskTracker::new();
        while let Some((stream, peer, permits)) = (shutdown.drained)
            .run_until_cancelled(self.listener.accept())
            .await
        {
            let serving = Arc::clone(&server).serve(stream, RemoteAddr(Addr::SocketAddr(peer)));
            connections.spawn(async move {
                let _permits = permits;
                serving.await;
            });
        }
        drop(self.listener);
        connections.close();
        if tokio::time::timeout(timeout, connections.wait())
            .await
            .is_err()
        {
            tracing::warn!(connections = connections.len(), "open requests are aborted");
            forced_shutdown.cancel();
            connections.wait().await;
        }
    }
}
