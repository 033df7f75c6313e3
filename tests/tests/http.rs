//! Every response of both tiers has the headers and the request id that clients and logs rely on.

use std::net::Ipv4Addr;

use analytics_tests::{
    api::{Api, problem_of_request},
    database::TestDatabase,
    fact::Fact,
    service::Service,
    stack::Stack,
    world::World,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use uuid::Uuid;

/// A policy under which a response can load nothing and be shown in no frame.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'";

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// Requests with all kinds of responses.
fn requests(world: &World, tenant: Uuid, event: Uuid) -> Vec<(u16, RequestBuilder)> {
    let http = Client::new();
    let token = world.read().of_tenant(tenant).token().unwrap().to_owned();
    let ingest = |path: &str| world.ingest.url(path);
    let query = |path: &str| world.query.url(&format!("/api/v1/analytics{path}"));
    let track = ingest("/api/v1/analytics/track");
    let dashboard = query(&format!("/events/{event}/dashboard"));
    let unknown = query(&format!("/events/{}/dashboard", Uuid::now_v7()));
    let export = json!({"organizationId": tenant, "format": "csv",
                        "dateFrom": "2026-01-01", "dateTo": "2026-01-31"});
    let preflight = http.request(Method::OPTIONS, &track);
    let preflight = preflight
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST");
    let read = |url: &str| http.get(url).bearer_auth(&token);
    vec![
        (202, http.post(&track).json(&Fact::view(event))),
        (422, http.post(&track).json(&json!({}))),
        (
            401,
            http.post(&track).bearer_auth("x").json(&Fact::view(event)),
        ),
        (415, http.post(&track).body("x")),
        (405, http.get(&track)),
        (403, preflight),
        (404, http.get(ingest("/nothing"))),
        (200, read(&dashboard)),
        (401, http.get(&dashboard)),
        (400, read(&query("/events/not-an-id/dashboard"))),
        (404, read(&unknown)),
        (
            200,
            http.post(query("/export"))
                .bearer_auth(&token)
                .json(&export),
        ),
        (200, read(&query(&format!("/events/{event}/live")))),
    ]
}

#[tokio::test]
async fn every_response_says_that_it_is_no_page_and_has_the_id_of_its_request() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for (status, request) in requests(&world, tenant, event) {
        let id = format!("test-{}", Uuid::now_v7());
        let request = request.header("x-request-id", &id);
        let response = request.send().await.unwrap();
        let url = response.url().clone();
        assert_eq!(response.status().as_u16(), status, "{url}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert_eq!(header(&response, "content-security-policy"), NO_PAGE);
        assert_eq!(header(&response, "x-request-id"), id, "{url}");
        let expected = if url.path().ends_with("/dashboard") && status == 200 {
            "private, no-cache"
        } else {
            "no-store"
        };
        assert_eq!(header(&response, "cache-control"), expected, "{url}");
        if status >= 400 {
            assert_eq!(
                problem_of_request(response).await.1["requestId"],
                json!(id),
                "{url}"
            );
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_request_without_an_acceptable_id_gets_one() {
    let world = World::start().await;
    let url = world.query.url("/nothing");
    let mut ids = Vec::new();
    for given in [None, Some("ann@example.org"), Some("a b"), Some("")] {
        let mut request = Client::new().get(&url);
        if let Some(given) = given {
            request = request.header("x-request-id", given);
        }
        let response = request.send().await.unwrap();
        let id = header(&response, "x-request-id").to_owned();
        assert!(id.parse::<Uuid>().is_ok(), "{given:?}: {id}");
        assert_eq!(problem_of_request(response).await.1["requestId"], json!(id));
        assert!(!ids.contains(&id));
        ids.push(id);
    }
    world.end().await;
}

#[tokio::test]
async fn a_batch_that_is_not_stored_has_the_request_id_in_its_problem() {
    let environment = [("DATABASE_URL", "postgres://user:password@127.0.0.1:1/none")];
    let address = analytics_tests::service::free_address();
    let log = std::env::temp_dir().join(format!("request-id-{}.log", address.port()));
    let ingest = analytics_tests::process::Process::start(
        "analytics-ingest",
        address,
        log.clone(),
        &environment,
    )
    .unwrap();
    while ingest.management_url("/").is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let service = Api::at(&ingest.url("")).with_role("SERVICE");
    let fact = Fact::view(Uuid::now_v7()).tenant(Uuid::now_v7());
    let response = service.post("/track/batch", &json!([fact])).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let id = header(&response, "x-request-id").to_owned();
    let (_, body) = problem_of_request(response).await;
    assert_eq!(
        (&body["requestId"], &body["receipts"][0]["status"]),
        (&json!(id), &json!("rejected"))
    );
    std::fs::remove_file(log).unwrap();
}

#[tokio::test]
async fn the_api_reference_is_a_page_of_its_own_scripts_compressed_and_cached() {
    let world = World::start().await;
    let http = Client::new();
    for service in [&world.ingest, &world.query] {
        let url = service.url("/docs");
        let plain = http.get(&url).send().await.unwrap();
        let policy = header(&plain, "content-security-policy").to_owned();
        for rule in [
            "default-src 'none'",
            "script-src 'sha256-",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("script-src 'unsafe-inline'"), "{policy}");
        assert_eq!(header(&plain, "x-content-type-options"), "nosniff");
        let etag = header(&plain, "etag").to_owned();
        let page = plain.bytes().await.unwrap();
        assert!(page.len() > 1 << 20);

        let request = http.get(&url).header("accept-encoding", "gzip");
        let compressed = request.send().await.unwrap();
        assert_eq!(header(&compressed, "content-encoding"), "gzip");
        assert_eq!(header(&compressed, "vary"), "Accept-Encoding");
        assert_ne!(header(&compressed, "etag"), etag);
        assert!(compressed.bytes().await.unwrap().len() < 600 << 10);

        let request = http.get(&url).header("if-none-match", &etag);
        let known = request.send().await.unwrap();
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&known, "cache-control"), "no-cache");
    }
    world.end().await;
}

#[tokio::test]
async fn a_request_of_http_1_1_has_exactly_one_host() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let environment = [("DATABASE_URL", database.query_url.as_str())];
    let query = Service::start("analytics-query", &environment).await;
    let address = query.url("").replace("http://", "");
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: query\r\n\r\n", "404"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        (
            "GET / HTTP/1.1\r\nHost: query\r\nHost: query\r\n\r\n",
            "400",
        ),
        ("GET / HTTP/1.0\r\n\r\n", "404"),
        ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
    ] {
        let mut connection = TcpStream::connect(&address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut response = [0; 12];
        connection.read_exact(&mut response).await.unwrap();
        assert_eq!(str::from_utf8(&response[9..]), Ok(status), "{request:?}");
    }
}

#[tokio::test]
async fn one_address_cannot_take_all_connections_and_a_trusted_proxy_is_exempt() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    for (trusted, accepted) in [("", 5), ("127.0.0.3", 20)] {
        let environment = [
            ("DATABASE_URL", database.query_url.as_str()),
            ("HTTP_MAX_CONNECTIONS_PER_ADDRESS", "5"),
            ("TRUSTED_PROXIES", trusted),
        ];
        let query = Service::start("analytics-query", &environment).await;
        let address = query.url("").replace("http://", "");
        let mut connections = Vec::new();
        for _ in 0..20 {
            connections.push(connect_from(Ipv4Addr::new(127, 0, 0, 3), &address).await);
        }
        let mut answered = 0;
        for connection in &mut connections {
            answered += usize::from(is_answered(connection).await);
        }
        assert_eq!(answered, accepted, "trusted: {trusted}");
        let mut other = connect_from(Ipv4Addr::new(127, 0, 0, 4), &address).await;
        assert!(is_answered(&mut other).await);

        let metrics = reqwest::get(query.management_url("/metrics"))
            .await
            .unwrap();
        let metrics = metrics.text().await.unwrap();
        let rejected = format!(
            "analytics_http_rejected_connections_total {}",
            20 - accepted
        );
        assert!(metrics.contains(&rejected), "{metrics}");
        let logged = query.logged();
        let warnings = logged.matches("add it to TRUSTED_PROXIES").count();
        assert_eq!(warnings, usize::from(accepted < 20), "{logged}");
        assert!(!logged.contains("127.0.0.3"), "{logged}");

        // A closed connection makes room for another one.
        connections.clear();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let mut next = connect_from(Ipv4Addr::new(127, 0, 0, 3), &address).await;
        assert!(is_answered(&mut next).await);
    }
}

async fn connect_from(address: Ipv4Addr, to: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((address, 0).into()).unwrap();
    socket.connect(to.parse().unwrap()).await.unwrap()
}

async fn is_answered(connection: &mut TcpStream) -> bool {
    let request = b"GET / HTTP/1.1\r\nHost: query\r\n\r\n";
    let mut response = [0; 12];
    let is_sent = connection.write_all(request).await.is_ok();
    is_sent && connection.read_exact(&mut response).await.is_ok()
}
