//! Another tenant and the probes, measured during an attack: each request on a connection of its own.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow};
use reqwest::{Client, RequestBuilder};
use tokio::{runtime::Builder, time::sleep};

use super::{Target, attack::Attack};
use crate::{api::Api, fact::Fact, service::Service};

/// The address of the bystander.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// The time-out of a request, so that a missing response is a slow one.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The pause between two rounds of requests.
const PAUSE: Duration = Duration::from_millis(50);

/// The latency of one kind of request during an attack.
pub struct Row {
    /// The attack.
    pub attack: Attack,
    /// The kind of request.
    pub request: &'static str,
    /// Sorted latencies.
    pub latencies: Vec<Duration>,
    /// Requests without a successful response.
    pub failed: usize,
}

/// Sends requests from a thread of its own, so that the work of the attack does not delay it.
pub struct Bystander {
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<Vec<Row>>>,
}

impl Bystander {
    /// Starts to send requests.
    ///
    /// # Errors
    /// When the client or the thread cannot be made.
    pub fn start(target: &Target) -> anyhow::Result<Self> {
        let requests = requests(target)?;
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = thread::Builder::new().name("bystander".to_owned());
        let thread = thread.spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            Ok(runtime.block_on(measure(requests, &over)))
        })?;
        Ok(Self { is_over, thread })
    }

    /// Ends; returns the latencies.
    ///
    /// # Errors
    /// When the thread has failed.
    pub fn finish(self, attack: Attack) -> anyhow::Result<Vec<Row>> {
        self.is_over.store(true, Ordering::Relaxed);
        let rows = self.thread.join().map_err(|_| anyhow!("it panicked"))??;
        Ok(rows.into_iter().map(|row| Row { attack, ..row }).collect())
    }
}

/// The kinds of requests, with their names.
fn requests(target: &Target) -> anyhow::Result<Vec<(&'static str, RequestBuilder)>> {
    let client = Client::builder()
        .local_address(Some(ADDRESS.into()))
        .pool_max_idle_per_host(0)
        .timeout(TIMEOUT)
        .build()?;
    let (tenant, event) = target.bystander;
    let world = &target.world;
    let token = Api::at("").of_tenant(tenant);
    let token = token.token().context("a token")?;
    let probe = |service: &Service, path| client.get(service.management_url(path));
    let dashboard = format!("/api/v1/analytics/events/{event}/dashboard");
    Ok(vec![
        ("ingest /livez", probe(&world.ingest, "/livez")),
        ("ingest /readyz", probe(&world.ingest, "/readyz")),
        ("ingest /metrics", probe(&world.ingest, "/metrics")),
        ("query /livez", probe(&world.query, "/livez")),
        ("query /readyz", probe(&world.query, "/readyz")),
        ("query /metrics", probe(&world.query, "/metrics")),
        (
            "fact",
            client
                .post(world.ingest.url("/api/v1/analytics/track"))
                .bearer_auth(token)
                .json(&Fact::view(event)),
        ),
        (
            "dashboard after it",
            client.get(world.query.url(&dashboard)).bearer_auth(token),
        ),
    ])
}

async fn measure(requests: Vec<(&'static str, RequestBuilder)>, is_over: &AtomicBool) -> Vec<Row> {
    let mut rows: Vec<_> = requests
        .iter()
        .map(|(request, _)| Row::new(request))
        .collect();
    while !is_over.load(Ordering::Relaxed) {
        for (row, (_, request)) in rows.iter_mut().zip(&requests) {
            let Some(request) = request.try_clone() else {
                continue;
            };
            let start = Instant::now();
            let is_successful = match request.send().await {
                Ok(response) => {
                    let status = response.status();
                    response.bytes().await.is_ok() && status.is_success()
                }
                Err(_) => false,
            };
            row.latencies.push(start.elapsed());
            row.failed += usize::from(!is_successful);
        }
        sleep(PAUSE).await;
    }
    for row in &mut rows {
        row.latencies.sort_unstable();
    }
    rows
}

impl Row {
    fn new(request: &'static str) -> Self {
        Self {
            attack: Attack::Nothing,
            request,
            latencies: Vec::new(),
            failed: 0,
        }
    }

    /// The latency that a share of the requests does not exceed, in percent.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let index = (self.latencies.len() * percent / 100).min(self.latencies.len().max(1) - 1);
        self.latencies.get(index).copied().unwrap_or_default()
    }

    /// Whether every request had a successful response within `limit`.
    #[must_use]
    pub fn is_in_time(&self, limit: Duration) -> bool {
        self.failed == 0 && !self.latencies.is_empty() && self.percentile(100) <= limit
    }
}
