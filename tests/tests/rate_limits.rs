//! Each client address and each tenant has its own rate, and a client that exceeds it slows no one else.

use std::time::{Duration, Instant};

use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    service::Service,
    world::World,
};
use futures_util::{StreamExt, stream};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

/// All clients are behind this proxy, so that a test can have any number of them.
const PROXIES: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.0/8");

/// A client with its own address.
struct Client {
    api: Api,
    address: String,
}

impl Client {
    fn of(world: &World, address: impl Into<String>) -> Self {
        Self {
            api: world.write(),
            address: address.into(),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let request = self.api.request(path, body);
        let request = request.header("x-forwarded-for", &self.address);
        request.send().await.expect("a response")
    }

    async fn view(&self, event: Uuid) -> StatusCode {
        self.post("/track", &Fact::view(event)).await.status()
    }

    async fn views(&self, event: Uuid, number: usize) -> Vec<StatusCode> {
        stream::iter(0..number)
            .then(|_| self.view(event))
            .collect()
            .await
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

async fn metric(service: &Service, name: &str) -> u64 {
    let text = reqwest::get(service.management_url("/metrics"))
        .await
        .unwrap();
    let text = text.text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |value| value.trim().parse().unwrap())
}

#[tokio::test]
async fn an_address_beyond_its_rate_gets_429_and_others_do_not() {
    let world = World::start_with(&[PROXIES, ("RATE_LIMIT_PER_ADDRESS", "60")]).await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let client = Client::of(&world, "203.0.113.9");
    assert_eq!(client.views(event, 60).await, [StatusCode::ACCEPTED; 60]);
    let start = Instant::now();
    let response = loop {
        let response = client.post("/track", &Fact::view(event)).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            break response;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "never limited");
    };
    assert_eq!(
        header(&response, "ratelimit-policy"),
        r#""address";q=60;w=60"#
    );
    assert_eq!(header(&response, "ratelimit"), r#""address";r=0;t=1"#);
    assert_eq!(header(&response, "retry-after"), "1");
    let (_, body) = problem(response).await;
    assert_eq!(body["code"], "rate_limited");

    // Other clients, and the platform's services from the same address, are not limited.
    let neighbour = Client::of(&world, "203.0.113.8");
    assert_eq!(neighbour.view(event).await, StatusCode::ACCEPTED);
    let service = Client {
        api: world.write().with_role("SERVICE"),
        address: client.address.clone(),
    };
    assert_eq!(service.views(event, 70).await, [StatusCode::ACCEPTED; 70]);
    let limited = "analytics_http_rate_limited_total{dimension=\"address\"}";
    assert_eq!(metric(&world.ingest, limited).await, 1);

    // It recovers after `Retry-After`.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(client.view(event).await, StatusCode::ACCEPTED);

    // Addresses of an IPv6 network of 64 bits are one client.
    for host in 1..=60 {
        let client = Client::of(&world, format!("2001:db8:1:2::{host:x}"));
        assert_eq!(client.view(event).await, StatusCode::ACCEPTED);
    }
    let statuses = Client::of(&world, "2001:db8:1:2:3::1")
        .views(event, 5)
        .await;
    assert!(
        statuses.contains(&StatusCode::TOO_MANY_REQUESTS),
        "{statuses:?}"
    );
    let other = Client::of(&world, "2001:db8:1:3::1");
    assert_eq!(other.view(event).await, StatusCode::ACCEPTED);
    world.end().await;
}

#[tokio::test]
async fn a_limited_request_is_answered_before_its_body_arrives() {
    let world = World::start_with(&[("RATE_LIMIT_PER_ADDRESS", "1")]).await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    world.write().track(&Fact::view(event)).await;
    let address = world.ingest.url("").replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /api/v1/analytics/track/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 1000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    let reading = stream.read_exact(&mut status);
    let read = tokio::time::timeout(Duration::from_secs(3), reading).await;
    read.expect("an answer without the body").unwrap();
    assert_eq!(&status, b"HTTP/1.1 429");
    world.end().await;
}

#[tokio::test]
async fn each_fact_of_a_batch_counts_and_a_batch_beyond_the_rate_is_not_stored() {
    let world = World::start_with(&[PROXIES, ("RATE_LIMIT_PER_ADDRESS", "60")]).await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let client = Client::of(&world, "203.0.113.9");
    let batch = |facts: usize| json!(vec![Fact::view(event); facts]);
    let first = client.post("/track/batch", &batch(40)).await;
    assert_eq!(first.status(), StatusCode::ACCEPTED);
    let second = client.post("/track/batch", &batch(40)).await;
    assert_eq!(problem(second).await.1["code"], "rate_limited");
    let third = client.post("/track/batch", &batch(10)).await;
    assert_eq!(third.status(), StatusCode::ACCEPTED);
    world.until_stored(50).await;
    // A batch that is larger than the limit is never accepted.
    let other = Client::of(&world, "203.0.113.8");
    let large = other.post("/track/batch", &batch(61)).await;
    assert_eq!(header(&large, "retry-after"), "60");
    assert_eq!(problem(large).await.1["code"], "rate_limited");
    world.end().await;
}

#[tokio::test]
async fn a_tenant_beyond_its_rate_slows_neither_other_tenants_nor_visitors_without_a_token() {
    let world = World::start_with(&[PROXIES, ("RATE_LIMIT_PER_TENANT", "30")]).await;
    let (tenant, other_tenant) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let other_event = world.publish_event(other_tenant, None).await;
    let of = |tenant, address: &str| Client {
        api: world.write().of_tenant(tenant),
        address: address.to_owned(),
    };
    let mut limited = None;
    // From many addresses.
    for number in 0..40 {
        let client = of(tenant, &format!("203.0.113.{number}"));
        let response = client.post("/track", &Fact::view(event)).await;
        if response.status() != StatusCode::ACCEPTED {
            limited.get_or_insert(response);
        }
    }
    let limited = limited.expect("a limited request");
    assert_eq!(
        header(&limited, "ratelimit-policy"),
        r#""tenant";q=30;w=60"#
    );
    assert_eq!(problem(limited).await.1["code"], "rate_limited");
    let other = of(other_tenant, "203.0.113.1");
    assert_eq!(other.view(other_event).await, StatusCode::ACCEPTED);
    let visitor = Client::of(&world, "203.0.113.1");
    assert_eq!(visitor.view(event).await, StatusCode::ACCEPTED);
    world.end().await;
}

#[tokio::test]
async fn the_read_tier_limits_addresses() {
    let world = World::start().await;
    let database = ("DATABASE_URL", world.database.query_url.as_str());
    let settings = [database, ("RATE_LIMIT_PER_ADDRESS", "20")];
    let query = Service::start("analytics-query", &settings).await;
    let reader = Api::at(&query.url("")).of_tenant(Uuid::now_v7());
    let path = format!("/events/{}/dashboard", Uuid::now_v7());
    let mut last = reader.get(&path).await;
    for _ in 0..30 {
        if last.status() == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        last = reader.get(&path).await;
    }
    assert_eq!(header(&last, "ratelimit-policy"), r#""address";q=20;w=60"#);
    assert_eq!(problem(last).await.1["code"], "rate_limited");
    world.end().await;
}

/// With the default limit.
#[tokio::test]
async fn five_hundred_visitors_behind_one_address_view_a_page_and_register_within_a_minute() {
    let world = World::start_with(&[PROXIES, ("RATE_LIMIT_PER_ADDRESS", "6000")]).await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let venue = Client::of(&world, "203.0.113.9");
    let visit = |number: usize| {
        let venue = &venue;
        async move {
            for event_type in ["page.view", "registration.started"] {
                let fact = Fact::new(event_type, event).visitor(number.to_string());
                let response = venue.post("/track", &fact).await;
                assert_eq!(response.status(), StatusCode::ACCEPTED);
            }
        }
    };
    let start = Instant::now();
    let visits = stream::iter((0..500).map(visit)).buffer_unordered(50);
    visits.collect::<Vec<()>>().await;
    assert!(start.elapsed() < Duration::from_mins(1));
    world.until_stored(1_000).await;
    world.end().await;
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_warned_about_once() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    assert!(!world.ingest.logged().contains("TRUSTED_PROXIES"));
    let client = Client::of(&world, "203.0.113.9");
    assert_eq!(client.views(event, 3).await, [StatusCode::ACCEPTED; 3]);
    assert_eq!(world.ingest.logged().matches("TRUSTED_PROXIES").count(), 1);
    assert!(!world.ingest.logged().contains("203.0.113.9"));
    world.end().await;
}
