//! A service that is asked to stop still responds while proxies learn of it, and tells clients to close their
//! connections.

use std::time::{Duration, Instant};

use analytics_tests::api::Api;
use analytics_tests::{
    database::TestDatabase, fact::Fact, service::Service, stack::Stack, watch::Watch, world::World,
};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};
use uuid::Uuid;

/// The drain of these tests.
const DRAIN: Duration = Duration::from_secs(3);
const DRAIN_SECONDS: (&str, &str) = ("DRAIN_SECONDS", "3");

/// Both tiers, each with a database.
async fn tiers() -> (TestDatabase, [Service; 2]) {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let ingest = [
        ("DATABASE_URL", database.ingest_url.as_str()),
        DRAIN_SECONDS,
    ];
    let query = [("DATABASE_URL", database.query_url.as_str()), DRAIN_SECONDS];
    let ingest = Service::start("analytics-ingest", &ingest).await;
    let query = Service::start("analytics-query", &query).await;
    (database, [ingest, query])
}

/// An HTTP/1 connection.
struct Connection(TcpStream);

impl Connection {
    async fn open(service: &Service) -> Self {
        Self(TcpStream::connect(service.address()).await.unwrap())
    }

    /// Sends a request, and returns the head of its response.
    async fn request(&mut self) -> String {
        let request = b"HEAD /openapi.yaml HTTP/1.1\r\nHost: analytics.test\r\n\r\n";
        self.0.write_all(request).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        head
    }

    /// Whether the server closes it within this time.
    async fn is_closed(&mut self, limit: Duration) -> bool {
        let end = timeout(limit, self.0.read(&mut [0])).await;
        end.is_ok_and(|read| read.unwrap() == 0)
    }
}

#[tokio::test]
async fn connections_are_served_during_the_drain_and_closed_one_response_later() {
    let (_database, services) = tiers().await;
    let moment = Duration::from_millis(300);
    for mut service in services {
        let mut used = Connection::open(&service).await;
        let mut idle = Connection::open(&service).await;
        for connection in [&mut used, &mut idle] {
            assert!(!connection.request().await.contains("connection: close"));
        }
        let asked = Instant::now();
        service.ask_to_stop().await;
        tokio::time::sleep(moment).await;
        let (status, report) = service.readiness().await;
        assert_eq!((status, &report["status"]), (503, &"unready".into()));
        assert!(!used.is_closed(moment).await && !idle.is_closed(moment).await);
        let mut new = Connection::open(&service).await;
        for connection in [&mut used, &mut new] {
            assert!(connection.request().await.contains("connection: close"));
            assert!(connection.is_closed(DRAIN).await);
        }
        assert!(
            asked.elapsed() < DRAIN,
            "they were closed by the end of the drain"
        );
        assert!(idle.is_closed(2 * DRAIN).await);
        assert!(asked.elapsed() + moment >= DRAIN, "{:?}", asked.elapsed());
        assert!(service.terminate().await.success());
        assert!(TcpStream::connect(service.address()).await.is_err());
    }
}

/// Opens an HTTP/2 connection, which ends successfully if the server sends GOAWAY.
async fn http2(
    service: &Service,
) -> (
    http2::SendRequest<Full<Bytes>>,
    JoinHandle<hyper::Result<()>>,
) {
    let stream = TcpStream::connect(service.address()).await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (sender, connection) = handshake.await.unwrap();
    (sender, tokio::spawn(connection))
}

async fn status(sender: &mut http2::SendRequest<Full<Bytes>>) -> StatusCode {
    let request = Request::get("http://analytics.test/openapi.yaml").body(Full::default());
    let response = sender.send_request(request.unwrap()).await.unwrap();
    response.status()
}

#[tokio::test]
async fn http2_connections_end_with_goaway_during_the_drain() {
    let (_database, services) = tiers().await;
    for mut service in services {
        let (mut used, used_ends) = http2(&service).await;
        assert_eq!(status(&mut used).await, StatusCode::OK);
        let asked = Instant::now();
        service.ask_to_stop().await;
        let ended = timeout(DRAIN, used_ends).await;
        ended.expect("GOAWAY during the drain").unwrap().unwrap();
        let (mut new, new_ends) = http2(&service).await;
        assert_eq!(status(&mut new).await, StatusCode::OK);
        let ended = timeout(DRAIN, new_ends).await;
        ended.expect("GOAWAY after a response").unwrap().unwrap();
        assert!(asked.elapsed() < DRAIN, "{:?}", asked.elapsed());
        assert!(service.terminate().await.success());
    }
}

#[tokio::test]
async fn live_streams_end_with_the_drain() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let environment = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        DRAIN_SECONDS,
    ];
    let mut query = Service::start("analytics-query", &environment).await;
    let reader = Api::at(&query.url("")).of_tenant(tenant);
    let mut watch = Watch::open(&reader, event, None).await;
    watch.figures().await;
    let asked = Instant::now();
    query.ask_to_stop().await;
    world.write().store(&Fact::view(event)).await;
    watch.until(|figures| figures["today"]["views"] == 1).await;
    while watch.next().await.is_some() {}
    assert!(asked.elapsed() + Duration::from_millis(300) >= DRAIN);
    assert!(query.terminate().await.success());
    world.end().await;
}
