//! The HTTP client of JWK Sets.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::crypto::ring;
use thiserror::Error;
use tokio::time::timeout;

/// The time-out of a request.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum size of a set, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// A client of one URL, which follows no redirects.
pub(in crate::auth) struct JwksClient {
    url: Uri,
    http: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// The reason why a set cannot be loaded.
#[derive(Debug, Error)]
pub(super) enum JwksError {
    #[error("there is no response within {} s", TIMEOUT.as_secs())]
    Timeout,
    #[error("the server cannot be reached: {0}")]
    Connection(#[from] hyper_util::client::legacy::Error),
    #[error("the response has the status {0}")]
    Status(StatusCode),
    #[error("the response is truncated or has more than {MAX_BYTES} bytes")]
    Body,
    #[error("the response is not a JWK Set")]
    Document,
    #[error("the set has no usable key")]
    NoKey,
}

impl JwksClient {
    /// A client of `url` that trusts the root certificates of the system.
    ///
    /// # Errors
    /// When the system has no root certificates.
    pub fn new(url: Uri) -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            url,
            http: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Loads the set.
    pub(super) async fn fetch(&self) -> Result<Bytes, JwksError> {
        timeout(TIMEOUT, self.get())
            .await
            .unwrap_or(Err(JwksError::Timeout))
    }

    async fn get(&self) -> Result<Bytes, JwksError> {
        let response = self.http.get(self.url.clone()).await?;
        if response.status() != StatusCode::OK {
            return Err(JwksError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_BYTES).collect();
        Ok(body.await.map_err(|_| JwksError::Body)?.to_bytes())
    }
}
