//! Probes and metrics have a listener of their own, which answers whatever happens on the port of the API.

use std::{process::Command, time::Duration};

use analytics_tests::{
    api::{problem, problem_of_request},
    database::TestDatabase,
    fact::Fact,
    process::binary,
    service::{Service, free_address},
    stack::Stack,
    world::World,
};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use uuid::Uuid;

/// The setting by which clients of the loopback interface have no limit of connections.
const MANY_CLIENTS: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");
const PATHS: [&str; 3] = ["/livez", "/readyz", "/metrics"];

#[tokio::test]
async fn probes_and_metrics_are_on_the_management_listener_only() {
    let world = World::start().await;
    let http = reqwest::Client::new();
    for service in [&world.ingest, &world.query] {
        for path in PATHS {
            let response = http.get(service.management_url(path)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            let response = http.get(service.url(path)).send().await.unwrap();
            assert_eq!(problem(response).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["/docs", "/openapi.yaml", "/api/v1/analytics/track", "/"] {
            let response = http.get(service.management_url(path)).send().await.unwrap();
            assert_eq!(
                problem_of_request(response).await.0,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        let response = http.post(service.management_url("/livez")).send().await;
        let response = response.unwrap();
        assert_eq!(response.headers()["allow"], "GET, HEAD");
        assert_eq!(
            problem_of_request(response).await.0,
            StatusCode::METHOD_NOT_ALLOWED
        );
    }
    world.end().await;
}

/// Both tiers with the URLs of their logins.
fn tiers(database: &TestDatabase) -> [(&'static str, &str); 2] {
    [
        ("analytics-ingest", &database.ingest_url),
        ("analytics-query", &database.query_url),
    ]
}

#[tokio::test]
async fn probes_respond_while_the_api_has_no_free_connection() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    for (name, url) in tiers(&database) {
        let environment = [
            ("DATABASE_URL", url),
            ("HTTP_MAX_CONNECTIONS", "20"),
            MANY_CLIENTS,
        ];
        let service = Service::start(name, &environment).await;
        taken_connections_leave_probes(&service, 200).await;
    }
}

#[tokio::test]
async fn probes_respond_while_the_api_has_used_up_its_file_descriptors() {
    const DESCRIPTORS: usize = 200;
    let database = TestDatabase::create(&Stack::from_env()).await;
    let folder = tempfile::tempdir().unwrap();
    for (name, url) in tiers(&database) {
        let (limited, source) = (folder.path().join(name), folder.path().join("source"));
        let program = binary(name);
        let script = format!(
            "#!/bin/sh\nulimit -n {DESCRIPTORS}\nexec {} \"$@\"\n",
            program.display()
        );
        std::fs::write(&source, script).unwrap();
        // Written by another process: a file that this one has open for writing cannot be executed.
        let copied = Command::new("install").args([&source, &limited]).status();
        assert!(copied.unwrap().success());
        let environment = [("DATABASE_URL", url), MANY_CLIENTS];
        let service = Service::start_program(&limited, name, &environment).await;
        // Half of the descriptors are for connections of the API.
        let logged = service.logged();
        assert!(logged.contains("connections=100"), "{logged}");
        taken_connections_leave_probes(&service, 2 * DESCRIPTORS).await;
    }
}

/// Opens more connections to the API than it may have. Each probe is answered nevertheless, and the API is
/// not.
async fn taken_connections_leave_probes(service: &Service, connections: usize) {
    let address = service.url("").replace("http://", "");
    let mut taken = Vec::new();
    for _ in 0..connections {
        let mut connection = TcpStream::connect(&address).await.unwrap();
        // Incomplete, so that nothing is answered.
        connection.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        taken.push(connection);
    }
    let http = reqwest::Client::new();
    let api = http.get(service.url("/openapi.yaml")).send();
    let waiting = timeout(Duration::from_millis(500), api).await;
    assert!(waiting.is_err(), "the API has a free connection");
    for path in PATHS {
        let response = http.get(service.management_url(path)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_service_is_not_ready_during_shutdown_and_still_alive() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let http = reqwest::Client::new();
    let management = |path| world.ingest.management_url(path);
    // A request whose body is not complete keeps the service from ending.
    let address = world.ingest.url("").replace("http://", "");
    let mut request = TcpStream::connect(&address).await.unwrap();
    let body = serde_json::to_string(&Fact::view(event)).unwrap();
    let header = format!(
        "POST /api/v1/analytics/track HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    request.write_all(header.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let kill = Command::new("kill")
        .args(["-TERM", &world.ingest.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    tokio::time::sleep(Duration::from_millis(300)).await;

    let response = http.get(management("/readyz")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let report: Value = response.json().await.unwrap();
    assert_eq!(report["status"], "unready");
    assert_eq!(report["checks"]["shutdown"]["status"], "down");
    let response = http.get(management("/livez")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let asked = health(&world.ingest, "analytics-ingest", &[]).await;
    assert_eq!(asked.0, Some(1), "{}", asked.1);
    assert!(asked.1.contains("shutting down"), "{}", asked.1);
    let asked = health(&world.ingest, "analytics-ingest", &["--live"]).await;
    assert_eq!(asked, (Some(0), "alive\n".to_owned()));

    request.write_all(body.as_bytes()).await.unwrap();
    world.until_stored(1).await;
    world.end().await;
}

/// The exit code and the output of the command `health` for a running service.
async fn health(service: &Service, name: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let address = service.management_url("").replace("http://", "");
    health_at(&address, name, arguments).await
}

async fn health_at(address: &str, name: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = tokio::process::Command::new(binary(name))
        .arg("health")
        .args(arguments)
        .env("MANAGEMENT_ADDR", address)
        .output()
        .await
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).unwrap();
    (output.status.code(), printed)
}

#[tokio::test]
async fn the_health_command_exits_with_0_while_the_service_is_ready_and_else_with_1_and_a_reason() {
    let world = World::start().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = silent.local_addr().unwrap().to_string();
    for (name, service) in [
        ("analytics-ingest", &world.ingest),
        ("analytics-query", &world.query),
    ] {
        // The listener of a container listens on all addresses.
        let address = service
            .management_url("")
            .replace("http://127.0.0.1", "0.0.0.0");
        let (code, printed) = health_at(&address, name, &[]).await;
        assert_eq!(code, Some(0), "{printed}");
        let report: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(report["status"], "ready");
        assert_eq!(report["checks"]["database"]["status"], "up");

        let unused = free_address().to_string();
        let (code, printed) = health_at(&unused, name, &[]).await;
        assert_eq!(code, Some(1), "{printed}");
        assert!(printed.contains("Connection refused"), "{printed}");

        let (code, printed) = health_at(&silent, name, &["--timeout-seconds", "1"]).await;
        assert_eq!(code, Some(1), "{printed}");
        assert!(printed.contains("no response within 1 s"), "{printed}");
    }
    world.end().await;
}
