//! A light HTTP client: it shares the machine with what it measures, so that it does as little as
//! can be done. Bodies are ready, a connection takes one after the other, and of an answer only the
//! status counts: what is stored is counted at the end.

use std::cell::RefCell;

use anyhow::{Context, ensure};
use bytes::Bytes;
use futures_util::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use indicatif::ProgressBar;
use tokio::net::TcpStream;

/// A body that is ready to be sent.
pub struct Body {
    /// The JSON.
    pub json: Bytes,
    /// Facts in it.
    pub facts: usize,
}

/// Connections to one service.
pub struct Client {
    connections: Vec<SendRequest<Full<Bytes>>>,
    host: HeaderValue,
    authorization: HeaderValue,
}

impl Client {
    /// Opens so many connections to `http://host:port`, to speak with that token.
    ///
    /// # Errors
    /// When the service does not accept them.
    pub async fn connect(base: &str, number: usize, token: &str) -> anyhow::Result<Self> {
        let host = base.strip_prefix("http://").context("a URL of HTTP")?;
        let connections = (0..number).map(|_| async move {
            let stream = TcpStream::connect(host).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // It ends with the sender; what goes wrong is told to the request.
            tokio::spawn(connection);
            anyhow::Ok(sender)
        });
        Ok(Self {
            connections: try_join_all(connections).await?,
            host: host.parse()?,
            authorization: format!("Bearer {token}").parse()?,
        })
    }

    /// Sends every body, each as soon as a connection is free, and waits for the last answer.
    ///
    /// # Errors
    /// When anything is not accepted.
    pub async fn post_all(
        self,
        path: &str,
        bodies: Vec<Body>,
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        let Self {
            connections,
            host,
            authorization,
        } = self;
        let waiting = RefCell::new(bodies.into_iter());
        let (waiting, host, authorization) = (&waiting, &host, &authorization);
        let next = || waiting.borrow_mut().next();
        let sending = connections.into_iter().map(|mut connection| async move {
            while let Some(Body { json, facts }) = next() {
                let request = Request::post(path)
                    .header(HOST, host.clone())
                    .header(AUTHORIZATION, authorization.clone())
                    .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                    .body(Full::new(json))?;
                send(&mut connection, request).await?;
                bar.inc(facts as u64);
            }
            anyhow::Ok(())
        });
        try_join_all(sending).await?;
        Ok(())
    }
}

async fn send(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> anyhow::Result<()> {
    connection.ready().await?;
    let answer = connection.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    ensure!(
        status == StatusCode::ACCEPTED,
        "the answer is {status}: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(())
}
