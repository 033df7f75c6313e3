//! Clients that do not retry: half of them keep their connections, half open one per request.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use analytics_shared::auth::Caller;
use analytics_tests::{api::token, fact::Fact};
use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The number of clients; each has the same rate.
const CLIENTS: u32 = 32;
/// The time between two requests of clients that are idle most of the time: shorter than a drain.
const IDLE: Duration = Duration::from_secs(3);
/// The time-out of a request.
const TIMEOUT: Duration = Duration::from_secs(10);

type Connection = SendRequest<Full<Bytes>>;
type MakeRequest = dyn Fn(usize) -> (Request<Full<Bytes>>, Option<Uuid>) + Send + Sync;

/// The requests of all clients, and the expected status.
#[derive(Clone)]
pub struct Load {
    make: Arc<MakeRequest>,
    expected: StatusCode,
}

/// The results of all clients.
#[derive(Debug, Default)]
pub struct Results {
    pub requests: usize,
    pub failures: Vec<String>,
    /// The facts that were acknowledged.
    pub acknowledged: Vec<String>,
    /// Responses with `Connection: close`.
    pub closed: usize,
    time: Duration,
}

pub struct Clients {
    tasks: JoinSet<Results>,
    stop: CancellationToken,
    started: Instant,
}

impl Load {
    /// Facts about an event.
    pub fn writing(event: Uuid) -> Self {
        let token = token(&caller(None, &["SERVICE"]));
        let make = move |_: usize| {
            let id = Uuid::now_v7();
            let body = serde_json::to_vec(&*Fact::view(event).id(id)).expect("JSON");
            let path = "/api/v1/analytics/track";
            (request(Method::POST, path, &token, body), Some(id))
        };
        Self {
            make: Arc::new(make),
            expected: StatusCode::ACCEPTED,
        }
    }

    /// Dashboards of events, read by their organizations.
    pub fn reading(events: &[(Uuid, Uuid)]) -> Self {
        let paths = events.iter().map(|(tenant, event)| {
            let path = format!("/api/v1/analytics/events/{event}/dashboard");
            (path, token(&caller(Some(*tenant), &[])))
        });
        let paths: Vec<_> = paths.collect();
        let make = move |number: usize| {
            let (path, token) = &paths[number % paths.len()];
            (request(Method::GET, path, token, Vec::new()), None)
        };
        Self {
            make: Arc::new(make),
            expected: StatusCode::OK,
        }
    }
}

impl Clients {
    /// Starts clients that send `rate` requests per second together, and a few that are idle most of the time.
    pub fn start(address: SocketAddr, load: &Load, rate: u32) -> Self {
        let (mut tasks, stop) = (JoinSet::new(), CancellationToken::new());
        let pause = Duration::from_secs(1) * CLIENTS / rate;
        for number in 0..CLIENTS + CLIENTS / 4 {
            let is_idle = number >= CLIENTS;
            let client = Client {
                address,
                load: load.clone(),
                number: number as usize,
                keeps_alive: number % 2 == 0 || is_idle,
                pause: if is_idle { IDLE } else { pause },
            };
            tasks.spawn(client.run(stop.clone()));
        }
        Self {
            tasks,
            stop,
            started: Instant::now(),
        }
    }

    /// Stops them after their open requests.
    pub async fn stop(self) -> Results {
        self.stop.cancel();
        let mut all = Results {
            time: self.started.elapsed(),
            ..Results::default()
        };
        for results in self.tasks.join_all().await {
            all.requests += results.requests;
            all.failures.extend(results.failures);
            all.acknowledged.extend(results.acknowledged);
            all.closed += results.closed;
        }
        all
    }
}

impl Results {
    /// The number of requests per second.
    pub fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.requests).unwrap_or(u32::MAX)) / self.time.as_secs_f64()
    }
}

struct Client {
    address: SocketAddr,
    load: Load,
    number: usize,
    keeps_alive: bool,
    pause: Duration,
}

impl Client {
    async fn run(self, stop: CancellationToken) -> Results {
        let (mut results, mut turns) = (Results::default(), interval(self.pause));
        let mut kept: Option<Connection> = None;
        while stop.run_until_cancelled(turns.tick()).await.is_some() {
            let (request, id) = (self.load.make)(self.number + results.requests);
            results.requests += 1;
            let sending = timeout(TIMEOUT, self.send(kept.take(), request));
            match sending.await.context("no response").flatten() {
                Ok((connection, is_closing)) => {
                    results.acknowledged.extend(id.map(|id| id.to_string()));
                    results.closed += usize::from(is_closing);
                    kept = Some(connection).filter(|_| self.keeps_alive && !is_closing);
                }
                Err(error) => {
                    let kind = if self.keeps_alive { "kept" } else { "fresh" };
                    results
                        .failures
                        .push(format!("{kind} connection: {error:#}"));
                }
            }
        }
        results
    }

    /// Sends a request on a connection that is kept and not closed, or else on a new one. Returns the connection, and
    /// whether the server closes it.
    async fn send(
        &self,
        kept: Option<Connection>,
        request: Request<Full<Bytes>>,
    ) -> anyhow::Result<(Connection, bool)> {
        let mut connection = match kept.filter(|connection| !connection.is_closed()) {
            Some(connection) => connection,
            None => connect(self.address).await.context("connecting")?,
        };
        connection.ready().await.context("the connection")?;
        let response = connection
            .send_request(request)
            .await
            .context("the request")?;
        let status = response.status();
        let close = response.headers().get(CONNECTION);
        let is_closing = close.is_some_and(|value| value == "close");
        let body = response.into_body().collect().await.context("the body")?;
        let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        ensure!(status == self.load.expected, "{status}: {text}");
        Ok((connection, is_closing))
    }
}

async fn connect(address: SocketAddr) -> anyhow::Result<Connection> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender; the request returns errors.
    tokio::spawn(connection);
    Ok(sender)
}

fn caller(tenant_id: Option<Uuid>, roles: &[&str]) -> Caller {
    Caller {
        tenant_id,
        user_id: None,
        roles: roles.iter().map(ToString::to_string).collect(),
    }
}

fn request(method: Method, path: &str, token: &str, body: Vec<u8>) -> Request<Full<Bytes>> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "analytics.test")
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/json");
    request.body(Full::from(body)).expect("a request")
}
