//! TLS in front of the real servers: a certification authority, and a proxy that rejects plain text.

use std::{
    net::Ipv4Addr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use url::Url;
use uuid::Uuid;

/// The first byte of a TLS handshake record.
const HANDSHAKE: u8 = 0x16;
/// The message by which a client of PostgreSQL asks for TLS.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A certification authority. Its file is deleted with it.
pub struct Authority {
    /// The path of its certificate, as a PEM file.
    pub file: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn create() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        // Of two authorities with the same name, a client would try the wrong key.
        let name = format!("authority {}", Uuid::now_v7());
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let file = std::env::temp_dir().join(format!("authority-{}.pem", Uuid::now_v7()));
        std::fs::write(&file, certificate.pem()).expect("a file");
        Self {
            file,
            issuer: Issuer::new(params, key),
        }
    }

    /// The path of its certificate.
    ///
    /// # Panics
    /// When it is not UTF-8.
    #[must_use]
    pub fn path(&self) -> &str {
        self.file.to_str().expect("UTF-8")
    }

    /// The configuration of a server with a certificate for `name`.
    fn server(&self, name: &str) -> ServerConfig {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a configuration")
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// A proxy that accepts TLS only, in front of RabbitMQ or PostgreSQL.
pub struct TlsProxy {
    url: Url,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    plain: AtomicUsize,
    encrypted: AtomicUsize,
}

impl TlsProxy {
    /// Starts a proxy in front of the server of `url`, with a certificate for `name`.
    ///
    /// # Panics
    /// When there is no server in the URL, or the proxy cannot listen.
    pub async fn before(url: &str, authority: &Authority, name: &str) -> Self {
        let mut url: Url = url.parse().expect("a URL");
        let is_database = !url.scheme().starts_with("amqp");
        let servers = url.socket_addrs(|| Some(if is_database { 5432 } else { 5672 }));
        let server = servers.expect("a server")[0];
        let acceptor = TlsAcceptor::from(Arc::new(authority.server(name)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        url.set_port(Some(listener.local_addr().expect("its address").port()))
            .expect("a port");
        let counts = Arc::<Counts>::default();
        let counting = Arc::clone(&counts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (acceptor, counts) = (acceptor.clone(), Arc::clone(&counting));
                tokio::spawn(async move {
                    let Some(client) = encrypted(client, is_database, &counts).await else {
                        return;
                    };
                    // Fails if the client does not trust the certificate.
                    let Ok(mut client) = acceptor.accept(client).await else {
                        return;
                    };
                    counts.encrypted.fetch_add(1, Relaxed);
                    let mut server = TcpStream::connect(server).await.expect("the server");
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { url, counts }
    }

    /// The URL through the proxy, with a scheme, a host name and parameters.
    ///
    /// # Panics
    /// When they are not valid.
    #[must_use]
    pub fn url(&self, scheme: &str, host: &str, query: &str) -> String {
        let mut url = self.url.clone();
        url.set_host(Some(host)).expect("a host");
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        let (_, rest) = url.as_str().split_once("://").expect("a scheme");
        format!("{scheme}://{rest}")
    }

    /// The number of connections that sent plain text.
    #[must_use]
    pub fn plain(&self) -> usize {
        self.counts.plain.load(Relaxed)
    }

    /// The number of connections with a completed handshake.
    #[must_use]
    pub fn encrypted(&self) -> usize {
        self.counts.encrypted.load(Relaxed)
    }
}

/// Returns a client that is about to begin a handshake; counts one that sends anything else.
async fn encrypted(mut client: TcpStream, is_database: bool, counts: &Counts) -> Option<TcpStream> {
    if is_database {
        let mut request = [0; SSL_REQUEST.len()];
        client.read_exact(&mut request).await.ok()?;
        if request != SSL_REQUEST {
            counts.plain.fetch_add(1, Relaxed);
            return None;
        }
        client.write_all(b"S").await.ok()?;
    }
    let mut first = [0];
    if client.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    if first[0] != HANDSHAKE {
        counts.plain.fetch_add(1, Relaxed);
        return None;
    }
    Some(client)
}
