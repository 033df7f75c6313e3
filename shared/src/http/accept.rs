//! Taking connections, as many as there is room for.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// Connections that are open now.
const CONNECTIONS: &str = "analytics_http_connections";
/// File descriptors that are left to everything else: databases, brokers, files, logs.
const OTHER_DESCRIPTORS: u64 = 256;
/// Connections that wait to be taken, at most: the system's own bound, for they come in bursts, and
/// whoever finds no room knocks again after a second only.
const WAITING: u32 = 4096;
/// Bytes that a connection's reader is not ready for and the system holds, at most.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 32 * 1024;
/// For a peer that acknowledges nothing of what it was sent, as long as for a reader that takes
/// nothing: it has gone without a word, and the system would go on for a quarter of an hour.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_mins(1);
/// Before we try again where there is no room.
const PAUSE: Duration = Duration::from_millis(100);
/// A trouble that comes back sooner is the same.
const EPISODE: Duration = Duration::from_mins(1);

/// How many connections there may be.
#[derive(Clone)]
pub(super) struct Room {
    places: Arc<Semaphore>,
    size: usize,
}

/// The place of one connection; it is free again with this value.
pub(super) struct Place {
    _place: OwnedSemaphorePermit,
}

impl Room {
    /// Room for `wanted` connections, or for as many as the process may have descriptors for.
    ///
    /// # Errors
    /// When nobody can tell how many that are.
    pub(super) fn new(wanted: u32) -> io::Result<Self> {
        // The soft limit is low for the sake of programs that use `select`.
        let descriptors = rlimit::increase_nofile_limit(u64::MAX)?;
        let possible = descriptors
            .saturating_sub(OTHER_DESCRIPTORS)
            .max(descriptors / 2);
        if possible < wanted.into() {
            tracing::warn!(
                descriptors,
                connections = possible,
                "fewer connections than HTTP_MAX_CONNECTIONS: the limit of file descriptors is too low"
            );
        }
        let size = usize::try_from(possible.min(wanted.into())).unwrap_or(usize::MAX);
        Ok(Self {
            places: Arc::new(Semaphore::new(size)),
            size,
        })
    }

    /// Connections at most.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether less than a tenth is free.
    pub(super) fn is_crowded(&self) -> bool {
        self.places.available_permits() < self.size / 10
    }

    fn take(&self) -> Option<Place> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        metrics::gauge!(CONNECTIONS).increment(1.0);
        Some(Place { _place: place })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!(CONNECTIONS).decrement(1.0);
    }
}

/// Takes connections, each when there is room for it.
pub(super) struct Acceptor {
    listener: TcpListener,
    room: Room,
    full: Episode,
    failing: Episode,
}

impl Acceptor {
    /// Takes what comes to `address`.
    ///
    /// # Errors
    /// When it cannot be listened on.
    pub(super) fn new(address: SocketAddr, room: Room) -> io::Result<Self> {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4(),
            SocketAddr::V6(_) => TcpSocket::new_v6(),
        }?;
        // Connections of the process before us may still be closing.
        socket.set_reuseaddr(true)?;
        bound_unsent(&socket)?;
        bound_unacknowledged(&socket)?;
        socket.bind(address)?;
        Ok(Self {
            listener: socket.listen(WAITING)?,
            room,
            full: Episode::default(),
            failing: Episode::default(),
        })
    }

    /// The next connection. Others wait in the queue of the operating system.
    pub(super) async fn next(&mut self) -> (TcpStream, SocketAddr, Place) {
        loop {
            let Some(place) = self.room.take() else {
                if self.full.begins(Instant::now()) {
                    let connections = self.room.size();
                    tracing::warn!(connections, "no room for more connections: they wait");
                }
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => return (stream, peer, place),
                Err(error) if is_of_one_connection(&error) => {}
                // Without file descriptors it fails again, at once, until one is closed.
                Err(error) => {
                    if self.failing.begins(Instant::now()) {
                        tracing::warn!(%error, "cannot take connections: they wait");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

/// Bounds what the system keeps for a reader that takes nothing, on every connection that is accepted.
/// It would keep megabytes, and a thousand such readers all that it has for TCP.
#[cfg(target_os = "linux")]
fn bound_unsent(socket: &TcpSocket) -> io::Result<()> {
    socket2::SockRef::from(socket).set_tcp_notsent_lowat(UNSENT)
}

#[cfg(not(target_os = "linux"))]
fn bound_unsent(_socket: &TcpSocket) -> io::Result<()> {
    Ok(())
}

/// Bounds how long the system sends to a peer that is gone, on every connection that is accepted.
#[cfg(target_os = "linux")]
fn bound_unacknowledged(socket: &TcpSocket) -> io::Result<()> {
    socket2::SockRef::from(socket).set_tcp_user_timeout(Some(UNACKNOWLEDGED))
}

#[cfg(not(target_os = "linux"))]
fn bound_unacknowledged(_socket: &TcpSocket) -> io::Result<()> {
    Ok(())
}

/// Whether the peer was gone before we had the connection.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    let kinds = [ConnectionAborted, ConnectionRefused, ConnectionReset];
    kinds.contains(&error.kind())
}

/// A trouble that lasts, to be told once.
#[derive(Default)]
struct Episode {
    last: Option<Instant>,
}

impl Episode {
    /// The trouble is there; whether it is a new one.
    fn begins(&mut self, now: Instant) -> bool {
        let last = self.last.replace(now);
        last.is_none_or(|last| now.duration_since(last) > EPISODE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn every_connection_has_the_bounds_of_the_listener() {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut acceptor = Acceptor::new(address, Room::new(8).unwrap()).unwrap();
        let listening = acceptor.listener.local_addr().unwrap();
        let _peer = TcpStream::connect(listening).await.unwrap();
        let (stream, _, _place) = acceptor.next().await;
        let socket = socket2::SockRef::from(&stream);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(UNACKNOWLEDGED));
        assert_eq!(socket.tcp_notsent_lowat().unwrap(), UNSENT);
    }

    #[test]
    fn a_trouble_is_told_once_until_it_was_away_for_a_while() {
        let (start, mut episode) = (Instant::now(), Episode::default());
        let told = [0, 1, 59, 118, 179, 200].map(|second| {
            let at = start + Duration::from_secs(second);
            episode.begins(at)
        });
        assert_eq!(told, [true, false, false, false, true, false]);
    }
}
