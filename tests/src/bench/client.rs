//! An HTTP client with little overhead, because it shares the machine with the measured service: bodies are
//! prepared, connections are not pipelined, and responses are evaluated after the measurement.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use bytes::Bytes;
use futures_util::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::Incoming,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, TE},
};
use hyper_util::rt::TokioIo;
use indicatif::ProgressBar;
use tokio::net::TcpStream;

/// A prepared body.
pub struct Body {
    /// The JSON.
    pub json: Bytes,
    /// The number of facts.
    pub facts: usize,
}

/// The responses to a repeated request.
#[derive(Debug, Default)]
pub struct Answers {
    /// The time from each request to the end of its response.
    pub times: Vec<Duration>,
    /// The distinct successive bodies of each connection.
    pub bodies: Vec<Bytes>,
}

/// A file that was received and discarded.
pub struct Fetched {
    /// Its size.
    pub bytes: u64,
    /// The trailers.
    pub trailers: HeaderMap,
}

/// Connections to one service.
pub struct Client {
    connections: Vec<SendRequest<Full<Bytes>>>,
    host: HeaderValue,
    authorization: HeaderValue,
}

impl Client {
    /// Opens this number of connections to `http://host:port`, which send the token.
    ///
    /// # Errors
    /// When the service does not accept them.
    pub async fn connect(base: &str, number: usize, token: &str) -> anyhow::Result<Self> {
        let host = base.strip_prefix("http://").context("a URL of HTTP")?;
        let connections = (0..number).map(|_| async move {
            let stream = TcpStream::connect(host).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // Ends with the sender; the request returns errors.
            tokio::spawn(connection);
            anyhow::Ok(sender)
        });
        Ok(Self {
            connections: try_join_all(connections).await?,
            host: host.parse()?,
            authorization: format!("Bearer {token}").parse()?,
        })
    }

    /// Sends every body as soon as a connection is free, and waits for the last response. Returns the
    /// number of facts.
    ///
    /// # Errors
    /// When anything is not accepted.
    pub async fn post_all(
        &mut self,
        path: &str,
        bodies: impl Iterator<Item = Body>,
        bar: &ProgressBar,
    ) -> anyhow::Result<usize> {
        let waiting = RefCell::new(bodies);
        let next = || waiting.borrow_mut().next();
        let (next, host, authorization) = (&next, &self.host, &self.authorization);
        let sending = self.connections.iter_mut().map(|connection| async move {
            let mut sent = 0;
            while let Some(Body { json, facts }) = next() {
                let request = request(Method::POST, path, host, authorization, json)?;
                whole(connection, request, StatusCode::ACCEPTED).await?;
                bar.inc(facts as u64);
                sent += facts;
            }
            anyhow::Ok(sent)
        });
        Ok(try_join_all(sending).await?.into_iter().sum())
    }

    /// Requests a path on every connection, repeatedly for this duration, at least once.
    ///
    /// # Errors
    /// When a response is not 200.
    pub async fn ask(&mut self, path: &str, span: Duration) -> anyhow::Result<Answers> {
        let end = Instant::now() + span;
        let (host, authorization) = (&self.host, &self.authorization);
        let asking = self.connections.iter_mut().map(|connection| async move {
            let mut answers = Answers::default();
            loop {
                let request = request(Method::GET, path, host, authorization, Bytes::new())?;
                let began = Instant::now();
                let body = whole(connection, request, StatusCode::OK).await?;
                answers.times.push(began.elapsed());
                if answers.bodies.last() != Some(&body) {
                    answers.bodies.push(body);
                }
                if Instant::now() >= end {
                    return anyhow::Ok(answers);
                }
            }
        });
        let mut all = Answers::default();
        for answers in try_join_all(asking).await? {
            all.times.extend(answers.times);
            all.bodies.extend(answers.bodies);
        }
        Ok(all)
    }

    /// Requests a file on the first connection, and discards it.
    ///
    /// # Errors
    /// When the response is not 200, or truncated.
    pub async fn fetch(&mut self, path: &str, json: Bytes) -> anyhow::Result<Fetched> {
        let mut request = request(Method::POST, path, &self.host, &self.authorization, json)?;
        request
            .headers_mut()
            .insert(TE, HeaderValue::from_static("trailers"));
        let connection = self.connections.first_mut().context("a connection")?;
        let mut body = answer(connection, request, StatusCode::OK)
            .await?
            .into_body();
        let mut fetched = Fetched {
            bytes: 0,
            trailers: HeaderMap::new(),
        };
        while let Some(frame) = body.frame().await {
            match frame?.into_data() {
                Ok(data) => fetched.bytes += data.len() as u64,
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        fetched.trailers = trailers;
                    }
                }
            }
        }
        Ok(fetched)
    }
}

fn request(
    method: Method,
    path: &str,
    host: &HeaderValue,
    authorization: &HeaderValue,
    json: Bytes,
) -> anyhow::Result<Request<Full<Bytes>>> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, host.clone())
        .header(AUTHORIZATION, authorization.clone())
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(request.body(Full::new(json))?)
}

async fn answer(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    expected: StatusCode,
) -> anyhow::Result<Response<Incoming>> {
    connection.ready().await?;
    let answer = connection.send_request(request).await?;
    let status = answer.status();
    if status == expected {
        return Ok(answer);
    }
    let body = answer.into_body().collect().await?.to_bytes();
    bail!("the answer is {status}: {}", String::from_utf8_lossy(&body))
}

async fn whole(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    expected: StatusCode,
) -> anyhow::Result<Bytes> {
    let answer = answer(connection, request, expected).await?;
    Ok(answer.into_body().collect().await?.to_bytes())
}
