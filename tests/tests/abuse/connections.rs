//! Connections that ask for nothing, and more of them than there is room for.

use std::time::{Duration, Instant};

use analytics_tests::{service::Service, world::World};
use futures_util::{StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{MANY_CLIENTS, Scene, until};

const IDLE: usize = 10_000;
/// The first bytes of connections that never send a complete request.
const BEGINNINGS: [&[u8]; 3] = [
    b"",
    b"GET / HTTP/1.1\r\nHost: ingest\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_that_never_ask_are_held_for_seconds() {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    assert!(
        limit > 12_000,
        "this test needs 12,000 file descriptors and has {limit}: see `ulimit -Hn`"
    );
    let scene = Scene::start().await;
    let ingest = &scene.world.ingest;
    let address = ingest.url("").replace("http://", "");
    // Who has asked something may come back after a while.
    let mut known = connect(&address, 100).await;
    for connection in &mut known {
        assert!(asks(connection).await);
    }
    let start = Instant::now();
    let mut idle = connect(&address, IDLE).await;
    for (connection, beginning) in idle.iter_mut().zip(BEGINNINGS.iter().cycle()) {
        connection.write_all(beginning).await.unwrap();
    }
    let all = || async { connections(ingest).await > IDLE };
    until(Duration::from_secs(9), all).await;
    println!("{IDLE} connections after {:?}", start.elapsed());
    let few = || async { connections(ingest).await < 200 };
    until(Duration::from_secs(20), few).await;
    for connection in &mut known {
        assert!(asks(connection).await, "it was closed too early");
    }
    let start = Instant::now();
    scene.end("10,000 idle connections").await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "shutdown does not wait for idle connections"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_places_are_taken_others_wait_for_one() {
    let world = World::start().await;
    let environment = [
        ("DATABASE_URL", world.database.ingest_url.as_str()),
        ("HTTP_MAX_CONNECTIONS", "50"),
        MANY_CLIENTS,
    ];
    let mut ingest = Service::start("analytics-ingest", &environment).await;
    let address = ingest.url("").replace("http://", "");
    // Fifty are answered at once. Where there is little room idle connections make some.
    // One after the other, for they are taken in the order in which they came.
    let mut connections = Vec::new();
    for _ in 0..60 {
        connections.push(TcpStream::connect(&address).await.unwrap());
    }
    let start = Instant::now();
    for connection in &mut connections {
        assert!(asks(connection).await);
    }
    let waited = start.elapsed();
    assert!(
        (Duration::from_secs(5)..Duration::from_secs(20)).contains(&waited),
        "{waited:?}"
    );
    let told = ingest
        .logged()
        .matches("the connection limit is reached")
        .count();
    assert_eq!(told, 1, "{}", ingest.logged());
    assert!(ingest.terminate().await.success());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_file_descriptors_connections_wait_and_the_service_recovers() {
    let world = World::start().await;
    let environment = [("DATABASE_URL", world.database.ingest_url.as_str())];
    let mut ingest = Service::start("analytics-ingest", &environment).await;
    let address = ingest.url("").replace("http://", "");
    ingest.limit_descriptors(10);
    let mut late = TcpStream::connect(&address).await.unwrap();
    let answered = timeout(Duration::from_secs(1), asks(&mut late)).await;
    assert!(
        answered.is_err(),
        "it has no descriptor for this connection"
    );
    ingest.limit_descriptors(1_000);
    assert!(asks(&mut late).await);
    let told = ingest.logged().matches("cannot accept connections").count();
    assert_eq!(told, 1, "{}", ingest.logged());
    assert!(ingest.terminate().await.success());
    world.end().await;
}

async fn connect(address: &str, count: usize) -> Vec<TcpStream> {
    let connecting = stream::iter(0..count).map(|_| TcpStream::connect(address));
    let connected = connecting.buffer_unordered(100).map(Result::unwrap);
    connected.collect().await
}

/// Whether a question on that connection is answered.
async fn asks(connection: &mut TcpStream) -> bool {
    let question = b"GET / HTTP/1.1\r\nHost: ingest\r\n\r\n";
    let mut answer = [0; 1024];
    let asking = async {
        connection.write_all(question).await?;
        connection.read(&mut answer).await
    };
    let asked = timeout(Duration::from_secs(30), asking).await;
    // There is nothing at this path, which is a short answer.
    matches!(asked, Ok(Ok(1..))) && answer.starts_with(b"HTTP/1.1 404 ")
}

/// The connections that a service counts.
async fn connections(service: &Service) -> usize {
    let metrics = reqwest::get(service.management_url("/metrics"))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix("analytics_http_connections "));
    line.unwrap().parse().unwrap()
}
