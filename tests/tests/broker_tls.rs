//! An `amqps://` URL means TLS, or no connection at all.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use analytics_tests::{
    database::TestDatabase, process::Process, service::free_address, stack::Stack,
};
use serde_json::Value;
use tokio::{io::AsyncReadExt, net::TcpListener, time::timeout};

/// The time-out of each step.
const STEP: Duration = Duration::from_secs(20);
/// The content type of a TLS handshake record, and the major version of every TLS.
const HANDSHAKE: [u8; 2] = [0x16, 0x03];
/// The type of the first handshake message, after the record's header of five bytes.
const CLIENT_HELLO: u8 = 0x01;

#[tokio::test]
async fn the_first_bytes_to_an_amqps_broker_are_a_client_hello() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("amqps://user:password@127.0.0.1:{port}/%2f");
    let ingest = Ingest::start(&url).await;
    for _ in 0..2 {
        let (mut connection, _) = timeout(STEP, listener.accept()).await.unwrap().unwrap();
        let mut bytes = [0; 6];
        let reading = connection.read_exact(&mut bytes);
        timeout(STEP, reading).await.unwrap().unwrap();
        assert_eq!(
            (&bytes[..2], bytes[5]),
            (&HANDSHAKE[..], CLIENT_HELLO),
            "{bytes:02x?}"
        );
        assert_eq!(ingest.broker().await, "degraded");
    }
}

#[tokio::test]
async fn an_amqps_url_does_not_connect_to_a_broker_without_tls() {
    let stack = Stack::from_env();
    let plain = stack.amqp_url.strip_prefix("amqp://");
    let address = plain.expect("the broker of the stack takes connections without TLS");
    let ingest = Ingest::start(&format!("amqps://{address}")).await;
    let deadline = Instant::now() + STEP;
    while !ingest.logged().contains("consuming failed") {
        assert!(Instant::now() < deadline, "{}", ingest.logged());
        assert_ne!(ingest.broker().await, "up");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(ingest.broker().await, "degraded");
}

/// An ingest process whose broker does not have to be up.
struct Ingest {
    process: Process,
    _database: TestDatabase,
}

impl Ingest {
    async fn start(amqp_url: &str) -> Self {
        let database = TestDatabase::create(&Stack::from_env()).await;
        let address = free_address();
        let log = std::env::temp_dir().join(format!("broker-tls-{}.log", address.port()));
        let environment = [
            ("DATABASE_URL", database.url.as_str()),
            ("AMQP_URL", amqp_url),
        ];
        let process = Process::start("analytics-ingest", address, log, &environment).unwrap();
        let ingest = Self {
            process,
            _database: database,
        };
        let deadline = Instant::now() + STEP;
        while ingest.readiness().await.is_none() {
            assert!(Instant::now() < deadline, "{}", ingest.logged());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        ingest
    }

    /// The status of the broker at `/readyz`.
    async fn broker(&self) -> String {
        let report = self.readiness().await.expect("an answer");
        report["checks"]["broker"]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn readiness(&self) -> Option<Value> {
        let url = self.process.management_url("/readyz")?;
        let answer = reqwest::get(url).await.ok()?;
        answer.json().await.ok()
    }

    fn logged(&self) -> String {
        std::fs::read_to_string(&self.process.log).unwrap()
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.process.log);
    }
}
