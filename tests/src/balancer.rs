//! A TCP balancer, as the Service of a cluster is: an open connection stays with its endpoint.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// A balancer, which leads new connections to its endpoints in turn.
pub struct Balancer {
    /// The address on which it listens.
    pub address: SocketAddr,
    endpoints: Arc<Mutex<Endpoints>>,
}

#[derive(Default)]
struct Endpoints {
    addresses: Vec<SocketAddr>,
    next: usize,
}

impl Balancer {
    /// Starts a balancer without endpoints, which closes all connections.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let endpoints = Arc::<Mutex<Endpoints>>::default();
        let current = Arc::clone(&endpoints);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let Some(endpoint) = lock(&current).take() else {
                    continue;
                };
                tokio::spawn(async move {
                    // Without a connection to the endpoint, that to the client is closed.
                    let mut endpoint = TcpStream::connect(endpoint).await?;
                    client.set_nodelay(true)?;
                    endpoint.set_nodelay(true)?;
                    copy_bidirectional(&mut client, &mut endpoint).await
                });
            }
        });
        Self { address, endpoints }
    }

    /// Adds an endpoint.
    pub fn add(&self, endpoint: SocketAddr) {
        lock(&self.endpoints).addresses.push(endpoint);
    }

    /// Removes an endpoint; its open connections stay.
    pub fn remove(&self, endpoint: SocketAddr) {
        let mut endpoints = lock(&self.endpoints);
        endpoints.addresses.retain(|address| *address != endpoint);
    }
}

impl Endpoints {
    fn take(&mut self) -> Option<SocketAddr> {
        self.next += 1;
        let index = self.next.checked_rem(self.addresses.len())?;
        Some(self.addresses[index])
    }
}

fn lock(endpoints: &Mutex<Endpoints>) -> MutexGuard<'_, Endpoints> {
    endpoints.lock().unwrap_or_else(PoisonError::into_inner)
}
