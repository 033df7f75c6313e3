//! A fault-injecting TCP proxy: connections can be stalled or cut.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

use crate::statements::Statements;

/// The treatment of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything passes.
    Pass,
    /// Data from the client is dropped; data from the server passes.
    SwallowRequests,
    /// Nothing passes until the mode changes; nothing is lost.
    Stall,
    /// All connections are closed, new ones immediately.
    Cut,
}

/// A proxy in front of one server.
pub struct Proxy {
    /// The address on which it listens.
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    server: watch::Sender<SocketAddr>,
    statements: Arc<AtomicU64>,
}

impl Proxy {
    /// Starts a proxy in front of the server of `url`; returns the URL through it.
    ///
    /// # Panics
    /// When there is no server in the URL, or the proxy cannot listen.
    pub async fn before(url: &str) -> (Self, String) {
        let mut url: Url = url.parse().expect("a URL");
        let usual = if url.scheme().starts_with("amqp") {
            5672
        } else {
            5432
        };
        let servers = url.socket_addrs(|| Some(usual)).expect("a server");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (mode, current) = watch::channel(Mode::Pass);
        let statements = Arc::<AtomicU64>::default();
        let is_database = usual == 5432;
        let (server, next) = watch::channel(servers[0]);
        let counted = Arc::clone(&statements);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let statements = is_database.then(|| Arc::clone(&counted));
                let server = *next.borrow();
                tokio::spawn(carry(client, server, current.clone(), statements));
            }
        });
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let proxy = Self {
            address,
            mode,
            server,
            statements,
        };
        (proxy, url.to_string())
    }

    /// The number of statements that clients of the database have sent.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Relaxed)
    }

    /// Leads new connections to another server of the loopback interface. Open ones stay with theirs.
    pub fn lead_to(&self, port: u16) {
        self.server.send_modify(|server| server.set_port(port));
    }

    /// Changes the mode, also of open connections.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

/// Counts the statements of a client.
type Counter = Option<Arc<AtomicU64>>;

async fn carry(
    client: TcpStream,
    server: SocketAddr,
    mut mode: watch::Receiver<Mode>,
    counter: Counter,
) {
    if *mode.borrow() == Mode::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pass(from_client, to_server, mode.clone(), true, counter) => {}
        () = pass(from_server, to_client, mode.clone(), false, None) => {}
        _ = mode.wait_for(|mode| *mode == Mode::Cut) => {}
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut mode: watch::Receiver<Mode>,
    is_request: bool,
    counter: Counter,
) {
    let mut sent = Statements::default();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if let Some(counter) = &counter {
            counter.fetch_add(sent.take(&buffer[..read]), Relaxed);
        }
        let moving = mode.wait_for(|mode| *mode != Mode::Stall).await;
        let swallows = moving.is_ok_and(|mode| *mode == Mode::SwallowRequests);
        let is_swallowed = is_request && swallows;
        if !is_swallowed && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
