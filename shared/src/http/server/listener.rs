//! Accepting connections within the limit.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::{
    address_limit::{AddressLimit, AddressPermit},
    connection_limit::{ConnectionLimit, ConnectionPermit},
};
use crate::telemetry::{LogThrottle, http_metrics};

/// The maximum length of the accept queue. Connections arrive in bursts, and a SYN dropped on a full
/// queue is retransmitted after 1 s.
const BACKLOG: u32 = 4096;
/// The maximum number of unsent bytes that the kernel buffers for a connection.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 32 * 1024;
/// The time after which the kernel closes a connection whose peer acknowledges nothing, or whose
/// receive window stays closed; without it the kernel retries for 15 minutes.
#[cfg(target_os = "linux")]
const USER_TIMEOUT: Duration = Duration::from_mins(1);
/// The delay before the next attempt, when no connection can be accepted.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// A listening socket that accepts a connection only when the limits permit it.
pub(super) struct Listener {
    socket: TcpListener,
    limit: ConnectionLimit,
    addresses: Option<AddressLimit>,
    limit_reached: LogThrottle,
    address_limit_reached: LogThrottle,
    accept_failed: LogThrottle,
}

impl Listener {
    /// Listens on `address`.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub(super) fn bind(
        address: SocketAddr,
        limit: ConnectionLimit,
        addresses: Option<AddressLimit>,
    ) -> io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        // Connections of the previous process may still be closing.
        socket.set_reuseaddr(true)?;
        set_inherited_options(&socket)?;
        socket.bind(address)?;
        Ok(Self {
            socket: socket.listen(BACKLOG)?,
            limit,
            addresses,
            limit_reached: LogThrottle::default(),
            address_limit_reached: LogThrottle::default(),
            accept_failed: LogThrottle::default(),
        })
    }

    /// The address that is bound.
    ///
    /// # Errors
    /// When the system does not tell it.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Accepts the next connection. Others wait in the accept queue of the kernel.
    pub(super) async fn accept(&self) -> (TcpStream, SocketAddr, Permits) {
        loop {
            if let Some(connection) = self.limit.try_acquire() {
                match self.socket.accept().await {
                    Ok((stream, peer)) => match self.admit(peer.ip()) {
                        Ok(address) => {
                            let permits = Permits {
                                _connection: connection,
                                _address: address,
                            };
                            return (stream, peer, permits);
                        }
                        // Dropping the stream closes the connection.
                        Err(TooManyConnections) => continue,
                    },
                    // The peer reset the connection while it was queued.
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                    // Without file descriptors `accept` fails until one is closed.
                    Err(error) => {
                        if self.accept_failed.permits() {
                            tracing::warn!(%error, "cannot accept connections: they wait");
                        }
                    }
                }
            } else if self.limit_reached.permits() {
                let connections = self.limit.max();
                tracing::warn!(
                    connections,
                    "the connection limit is reached: new ones wait"
                );
            }
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }

    /// The permit of a connection from `peer`; `None` if addresses have no limit.
    fn admit(&self, peer: IpAddr) -> Result<Option<AddressPermit>, TooManyConnections> {
        let Some(addresses) = &self.addresses else {
            return Ok(None);
        };
        if let Some(permit) = addresses.try_acquire(peer) {
            return Ok(Some(permit));
        }
        http_metrics::rejected_connections().increment(1);
        if self.address_limit_reached.permits() {
            tracing::warn!(
                connections = addresses.max(),
                "a client address has HTTP_MAX_CONNECTIONS_PER_ADDRESS connections: further ones are closed; \
                 if it is a proxy, add it to TRUSTED_PROXIES"
            );
        }
        Err(TooManyConnections)
    }
}

/// The permits of an open connection.
pub(super) struct Permits {
    _connection: ConnectionPermit,
    _address: Option<AddressPermit>,
}

/// A client address has as many connections as it may have.
struct TooManyConnections;

/// Sets the options that accepted connections inherit.
fn set_inherited_options(socket: &TcpSocket) -> io::Result<()> {
    // A response is written at once: delaying its last packet gains nothing.
    socket.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    {
        let socket = socket2::SockRef::from(socket);
        // Otherwise a thousand stalled readers use up the memory that the kernel has for TCP.
        socket.set_tcp_notsent_lowat(UNSENT_BYTES)?;
        socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn every_connection_has_the_options_of_the_listener() {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let limit = ConnectionLimit::new(8, metrics::Gauge::noop());
        let listener = Listener::bind(address, limit, None).unwrap();
        let bound = listener.address().unwrap();
        let _peer = TcpStream::connect(bound).await.unwrap();
        let (stream, _, _permit) = listener.accept().await;
        assert!(stream.nodelay().unwrap());
        let socket = socket2::SockRef::from(&stream);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(USER_TIMEOUT));
        assert_eq!(socket.tcp_notsent_lowat().unwrap(), UNSENT_BYTES);
    }
}
