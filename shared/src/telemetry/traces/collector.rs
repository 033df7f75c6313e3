//! The HTTP client of the collector.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_http::{HttpClient, HttpError};
use rustls::{ClientConfig, crypto::ring};
use tokio::{runtime::Handle, time::timeout};

use crate::config::CaFile;

/// The time-out of an export.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of a response, in bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

type Connection = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// The collector of spans.
#[derive(Debug)]
pub(super) struct Collector {
    http: Connection,
    /// The runtime of the connections: the thread that exports has none.
    runtime: Handle,
    is_failing: AtomicBool,
}

impl Collector {
    /// A collector whose certificate is signed by an authority of `authorities`, or of the system.
    ///
    /// # Errors
    /// When the system has no root certificates.
    pub(super) fn new(authorities: Option<&CaFile>) -> std::io::Result<Self> {
        let builder = HttpsConnectorBuilder::new();
        let builder = match authorities {
            Some(authorities) => {
                let provider = Arc::new(ring::default_provider());
                let config = ClientConfig::builder_with_provider(provider)
                    .with_safe_default_protocol_versions()
                    .map_err(std::io::Error::other)?
                    .with_root_certificates(authorities.roots())
                    .with_no_client_auth();
                builder.with_tls_config(config)
            }
            None => builder.with_provider_and_native_roots(ring::default_provider())?,
        };
        let connector = builder.https_or_http().enable_http1().build();
        Ok(Self {
            http: Client::builder(TokioExecutor::new()).build(connector),
            runtime: Handle::current(),
            is_failing: AtomicBool::new(false),
        })
    }

    /// Logs the first failure of a series, and its end.
    fn log_transition(&self, failure: Option<&str>) {
        let was_failing = self.is_failing.swap(failure.is_some(), Relaxed);
        match failure {
            Some(error) if !was_failing => {
                tracing::warn!(
                    error,
                    "traces are not exported: the collector does not accept them"
                );
            }
            None if was_failing => tracing::info!("traces are exported again"),
            _ => {}
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = send(self.http.clone(), request.map(Full::new));
        // A time-out can only be begun on the runtime.
        let sending = async { timeout(TIMEOUT, sending).await };
        let sent = match self.runtime.spawn(sending).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(elapsed)) => Err(elapsed.into()),
            Err(error) => Err(error.into()),
        };
        let failure = match &sent {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("the response has the status {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        self.log_transition(failure.as_deref());
        sent
    }
}

async fn send(
    http: Connection,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, HttpError> {
    let (head, body) = http.request(request).await?.into_parts();
    let body = Limited::new(body, MAX_RESPONSE_BYTES).collect().await?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
