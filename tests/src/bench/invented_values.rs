//! Strangers invent sources and event ids: neither the disk nor the read tier must pay for them.

use std::{
    net::Ipv4Addr,
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, stream};
use reqwest::{Client, StatusCode};
use serde_json::json;
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    api::Api,
    fact::Fact,
    form::{table, title},
    world::{NO_RATE_LIMIT, World},
};

/// Invented sources of one event.
const SOURCES: usize = 200_000;
/// Invented event ids.
const EVENTS: usize = 1_000_000;
/// Facts of a batch.
const BATCH: usize = 1_000;
const CONNECTIONS: usize = 4;
/// Client addresses that an attacker has, if proxies are trusted.
const ADDRESSES: usize = 50_000;
/// The address of the other tenant.
const BYSTANDER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// The pause between two of its requests.
const PAUSE: Duration = Duration::from_millis(20);
/// The default quota of an event, in bytes.
const QUOTA: f64 = 256.0 * 1024.0 * 1024.0;
/// The default of the setting, which tests change.
const DEFAULT_RATE_LIMIT: (&str, &str) = ("RATE_LIMIT_PER_ADDRESS", "6000");
const MAX_DASHBOARD_BYTES: f64 = 64.0 * 1024.0;
const MAX_LATENCY_MS: f64 = 50.0;
const MAX_QUERY_MIB: f64 = 128.0;
const SIZE: &str = "SELECT SUM(pg_total_relation_size(c.oid))::BIGINT FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND (n.nspname = 'analytics_service' OR c.relname LIKE '\\_hyper%')";

/// The rate limits during the attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RateLimits {
    /// None, and many client addresses, so that every fact reaches quota and limit of values.
    Raised,
    /// The defaults, and one client address.
    Default,
}

/// A measured value with its maximum.
#[derive(Debug)]
struct Check {
    /// The meaning and the unit.
    name: &'static str,
    value: f64,
    max: f64,
}

/// Attacks twice, without and with rate limits, and prints the results.
///
/// # Errors
/// When a value exceeds its maximum, or a request that is no part of the attack fails.
pub async fn invented_values() -> anyhow::Result<()> {
    let mut exceeded = 0;
    for limits in [RateLimits::Raised, RateLimits::Default] {
        title(&format!(
            "Invented sources and event ids, rate limits: {limits:?}"
        ));
        let checks = run(limits).await?;
        exceeded += checks
            .iter()
            .filter(|check| check.value > check.max)
            .count();
        let rows = checks.iter().map(|Check { name, value, max }| {
            [
                (*name).to_owned(),
                format!("{value:.1}"),
                format!("{max:.1}"),
            ]
        });
        table(["value", "measured", "at most"], [false, true, true], rows);
    }
    ensure!(exceeded == 0, "{exceeded} values exceed their maximum");
    Ok(())
}

/// Attacks a world of its own, and measures the results.
async fn run(limits: RateLimits) -> anyhow::Result<Vec<Check>> {
    let raised = [("TRUSTED_PROXIES", "127.0.0.1"), NO_RATE_LIMIT];
    let settings = match limits {
        RateLimits::Raised => &raised[..],
        RateLimits::Default => &[DEFAULT_RATE_LIMIT],
    };
    let world = World::start_with(settings).await;
    let (tenant, other_tenant) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let other = world.publish_event(other_tenant, None).await;
    let before = world.database.number(SIZE).await;

    let is_over = AtomicBool::new(false);
    let attacking = async {
        let attacked = attack(&world, event, limits).await;
        is_over.store(true, Ordering::Relaxed);
        attacked
    };
    let (attacked, latencies) = tokio::join!(
        attacking,
        other_dashboards(&world, other_tenant, other, &is_over)
    );
    let (stored, rejected) = attacked?;
    let mut latencies = latencies?;
    latencies.sort_unstable();
    eprintln!("    {stored} facts stored, {rejected} requests rejected");
    ensure!(stored > 0, "nothing was stored");
    ensure!(
        (rejected > 0) == (limits == RateLimits::Default),
        "{rejected} requests were rejected with rate limits: {limits:?}"
    );
    let (dashboard_bytes, dashboard) = dashboard(&world, tenant, event).await?;
    let grown = world.database.number(SIZE).await - before;
    let p99 = latencies[(latencies.len() - 1) * 99 / 100];
    let query_mib = world.query.peak_memory_kib() / 1024;
    world.end().await;
    Ok(vec![
        Check {
            name: "growth of the database, bytes",
            value: float(grown),
            max: QUOTA,
        },
        Check {
            name: "dashboard of the event, bytes",
            value: float(dashboard_bytes),
            max: MAX_DASHBOARD_BYTES,
        },
        Check {
            name: "slowest dashboard of the event, ms",
            value: millis(dashboard),
            max: MAX_LATENCY_MS,
        },
        Check {
            name: "dashboard of another event, p99 ms",
            value: millis(p99),
            max: MAX_LATENCY_MS,
        },
        Check {
            name: "peak memory of query, MiB",
            value: float(query_mib),
            max: MAX_QUERY_MIB,
        },
    ])
}

/// Sends all batches. Returns the number of stored facts, and of requests that were rejected as a whole.
async fn attack(world: &World, event: Uuid, limits: RateLimits) -> anyhow::Result<(u64, u64)> {
    let http = Client::new();
    let url = world.ingest.url("/api/v1/analytics/track/batch");
    let sources = (0..SOURCES)
        .step_by(BATCH)
        .map(|first| (true, first..first + BATCH));
    let events = (0..EVENTS)
        .step_by(BATCH)
        .map(|first| (false, first..first + BATCH));
    let sending = sources.chain(events).map(|(is_source, numbers)| {
        let request = http
            .post(&url)
            .header("x-forwarded-for", address(numbers.start / BATCH));
        let facts = facts(if is_source { Some(event) } else { None }, numbers);
        async move {
            let response = match request.json(&facts).send().await {
                // A rejected request is answered, and its connection closed, before its body is read.
                Err(error) if limits == RateLimits::Default && error.is_request() => {
                    return anyhow::Ok((0, 1));
                }
                response => response?,
            };
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                return Ok((0, 1));
            }
            let receipts: serde_json::Value = response.json().await?;
            let stored = receipts["totals"]["stored"].as_u64().context("totals")?;
            Ok((stored, 0))
        }
    });
    let mut answers = stream::iter(sending).buffer_unordered(CONNECTIONS);
    let mut sums = (0, 0);
    while let Some(answer) = answers.next().await {
        let (stored, rejected) = answer?;
        sums = (sums.0 + stored, sums.1 + rejected);
    }
    Ok(sums)
}

/// Views of `event` with a source each; without it, of events that do not exist.
fn facts(event: Option<Uuid>, numbers: Range<usize>) -> serde_json::Value {
    let view = |number: usize| {
        let view = Fact::view(event.unwrap_or_else(Uuid::now_v7));
        view.source(format!("invented-{number}"))
            .visitor(number.to_string())
    };
    json!(numbers.map(view).collect::<Vec<_>>())
}

fn address(number: usize) -> String {
    let number = u32::try_from(number % ADDRESSES).unwrap_or_default();
    Ipv4Addr::from_bits(Ipv4Addr::new(11, 0, 0, 0).to_bits() + number).to_string()
}

/// Reads the dashboard of another event until `is_over`; returns the latencies.
async fn other_dashboards(
    world: &World,
    tenant: Uuid,
    event: Uuid,
    is_over: &AtomicBool,
) -> anyhow::Result<Vec<Duration>> {
    let http = Client::builder()
        .local_address(Some(BYSTANDER.into()))
        .build()?;
    let token = Api::at("").of_tenant(tenant);
    let token = token.token().context("a token")?.to_owned();
    let url = world
        .query
        .url(&format!("/api/v1/analytics/events/{event}/dashboard"));
    let mut latencies = Vec::new();
    while latencies.is_empty() || !is_over.load(Ordering::Relaxed) {
        let start = Instant::now();
        let response = http.get(&url).bearer_auth(&token).send().await?;
        response.error_for_status()?.bytes().await?;
        latencies.push(start.elapsed());
        sleep(PAUSE).await;
    }
    Ok(latencies)
}

/// Reads the dashboard of the attacked event several times, each after a change. Returns its size and the
/// longest duration.
async fn dashboard(world: &World, tenant: Uuid, event: Uuid) -> anyhow::Result<(u64, Duration)> {
    let reader = world.read().of_tenant(tenant);
    let writer = world.write().with_role("SERVICE");
    let path = format!("/events/{event}/dashboard");
    let (mut bytes, mut slowest) = (0, Duration::ZERO);
    for _ in 0..10 {
        writer.store(&Fact::view(event).source("direct")).await;
        let start = Instant::now();
        let response = reader.get(&path).await.error_for_status()?;
        let body = response.bytes().await?;
        slowest = slowest.max(start.elapsed());
        bytes = bytes.max(u64::try_from(body.len())?);
    }
    Ok((bytes, slowest))
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn float(number: impl TryInto<u64>) -> f64 {
    number.try_into().unwrap_or(u64::MAX) as f64
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
