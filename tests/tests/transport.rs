//! `amqps://` and the verifying modes of `sslmode` mean TLS with a trusted certificate, or no connection.

use std::{
    net::Ipv4Addr,
    process::Output,
    time::{Duration, Instant},
};

use analytics_tests::{
    database::TestDatabase,
    process::{JWT_SECRET, Process, SESSION_SECRET, binary},
    service::free_address,
    stack::Stack,
    tls::{Authority, TlsProxy},
};
use serde_json::Value;
use tokio::{io::AsyncReadExt, net::TcpListener, process::Command, time::timeout};

/// The time-out of each step.
const STEP: Duration = Duration::from_secs(20);
/// The content type of a TLS handshake record, and the major version of every TLS.
const HANDSHAKE: [u8; 2] = [0x16, 0x03];
/// The type of the first handshake message, after the record's header of five bytes.
const CLIENT_HELLO: u8 = 0x01;
/// A host name that is not that of a certificate for `localhost`.
const OTHER_NAME: &str = "127.0.0.1";

#[tokio::test]
async fn the_first_bytes_to_an_amqps_broker_are_a_client_hello() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("amqps://user:password@127.0.0.1:{port}/%2f");
    let ingest = Tier::start_ingest(&[("AMQP_URL", &url)]).await;
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
        assert_eq!(ingest.status("broker").await, "degraded");
    }
}

#[tokio::test]
async fn an_amqps_url_does_not_connect_to_a_broker_without_tls() {
    let stack = Stack::from_env();
    let plain = stack.amqp_url.strip_prefix("amqp://");
    let address = plain.expect("the broker of the stack takes connections without TLS");
    let url = format!("amqps://{address}");
    let ingest = Tier::start_ingest(&[("AMQP_URL", &url)]).await;
    ingest.until_logged("consuming failed").await;
    assert_eq!(ingest.status("broker").await, "degraded");
}

#[tokio::test]
async fn the_broker_is_trusted_by_the_authority_of_the_file_or_of_the_system() {
    let authority = Authority::create();
    let proxy = TlsProxy::before(&Stack::from_env().amqp_url, &authority, "localhost").await;
    let url = proxy.url("amqps", "localhost", "");
    // SSL_CERT_FILE replaces the certificates of the system.
    for trust in ["AMQP_CA_FILE", "SSL_CERT_FILE"] {
        let settings = [("AMQP_URL", &*url), (trust, authority.path())];
        let ingest = Tier::start_ingest(&settings).await;
        ingest.until("broker", "up").await;
        let letters = command("analytics-ingest", &["dead-letters", "list"], &settings).await;
        let text = String::from_utf8_lossy(&letters.stderr);
        // It is connected: the queue of this test's name does not exist.
        assert!(text.is_empty() || text.contains("NOT_FOUND"), "{text}");
    }
    assert_eq!(proxy.plain(), 0);
    assert!(proxy.encrypted() >= 4, "{}", proxy.encrypted());
}

#[tokio::test]
async fn a_broker_of_an_unknown_authority_or_another_name_is_refused() {
    let (authority, other) = (Authority::create(), Authority::create());
    let proxy = TlsProxy::before(&Stack::from_env().amqp_url, &authority, "localhost").await;
    for (host, trust, reason) in [
        ("localhost", &other, "UnknownIssuer"),
        (OTHER_NAME, &authority, "not valid for name"),
    ] {
        let url = proxy.url("amqps", host, "");
        let settings = [("AMQP_URL", &*url), ("AMQP_CA_FILE", trust.path())];
        let ingest = Tier::start_ingest(&settings).await;
        ingest.until_logged("consuming failed").await;
        ingest.until_logged(reason).await;
        assert_eq!(ingest.status("broker").await, "degraded");
    }
    assert_eq!((proxy.plain(), proxy.encrypted()), (0, 0));
    // The proxy would notice plain text.
    let url = proxy.url("amqp", "localhost", "");
    let ingest = Tier::start_ingest(&[("AMQP_URL", &url)]).await;
    ingest.until_logged("consuming failed").await;
    assert!(proxy.plain() > 0);
}

#[tokio::test]
async fn the_database_is_trusted_by_the_authority_of_the_file_or_of_the_system() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let authority = Authority::create();
    let proxy = TlsProxy::before(&database.url, &authority, "localhost").await;
    let url = proxy.url("postgres", "localhost", "sslmode=verify-full");
    for trust in ["DATABASE_CA_FILE", "SSL_CERT_FILE"] {
        let settings = [("DATABASE_URL", &*url), (trust, authority.path())];
        for tier in ["analytics-ingest", "analytics-query"] {
            Tier::start(tier, &settings)
                .await
                .until("database", "up")
                .await;
        }
        let migration = command("analytics-migration", &["status"], &settings).await;
        assert!(migration.status.success(), "{migration:?}");
    }
    assert_eq!(proxy.plain(), 0);
    assert!(proxy.encrypted() >= 6, "{}", proxy.encrypted());
}

#[tokio::test]
async fn a_database_of_an_unknown_authority_or_another_name_is_refused() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let (authority, other) = (Authority::create(), Authority::create());
    let proxy = TlsProxy::before(&database.url, &authority, "localhost").await;
    for (host, mode, trust, reason) in [
        ("localhost", "verify-full", &other, "UnknownIssuer"),
        ("localhost", "verify-ca", &other, "UnknownIssuer"),
        (OTHER_NAME, "verify-full", &authority, "not valid for name"),
    ] {
        let url = proxy.url("postgres", host, &format!("sslmode={mode}"));
        let settings = [("DATABASE_URL", &*url), ("DATABASE_CA_FILE", trust.path())];
        for tier in ["analytics-ingest", "analytics-query"] {
            let service = Tier::start(tier, &settings).await;
            assert_eq!(service.status("database").await, "down", "{tier}");
        }
        let migration = command("analytics-migration", &["status"], &settings).await;
        let text = String::from_utf8_lossy(&migration.stderr);
        assert!(
            !migration.status.success() && text.contains(reason),
            "{text}"
        );
    }
    assert_eq!((proxy.plain(), proxy.encrypted()), (0, 0));
    // By its authority alone a server of another name is trusted.
    let url = proxy.url("postgres", OTHER_NAME, "sslmode=verify-ca");
    let settings = [
        ("DATABASE_URL", &*url),
        ("DATABASE_CA_FILE", authority.path()),
    ];
    Tier::start("analytics-query", &settings)
        .await
        .until("database", "up")
        .await;
    // The proxy would notice plain text.
    let url = proxy.url("postgres", "localhost", "sslmode=disable");
    let service = Tier::start("analytics-query", &[("DATABASE_URL", &*url)]).await;
    assert_eq!(service.status("database").await, "down");
    assert!(proxy.plain() > 0);
}

#[tokio::test]
async fn a_verifying_mode_does_not_connect_to_a_database_without_tls() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    for mode in ["require", "verify-ca", "verify-full"] {
        // The server of the stack declines TLS, or has a certificate that is not trusted.
        let url = format!("{}?sslmode={mode}", database.url);
        let settings = [("DATABASE_URL", &*url)];
        let migration = command("analytics-migration", &["status"], &settings).await;
        let text = String::from_utf8_lossy(&migration.stderr);
        let is_refused = !migration.status.success() && text.to_lowercase().contains("tls");
        assert!(is_refused || mode == "require", "{mode}: {text}");
    }
}

#[tokio::test]
async fn authorities_that_would_not_be_used_are_an_error_at_start() {
    let authority = Authority::create();
    let (empty, missing) = (tempfile::NamedTempFile::new().unwrap(), "/nowhere/ca.pem");
    let empty = empty.path().to_str().unwrap().to_owned();
    let (plain, verified) = (
        "postgres://u@127.0.0.1:1/d",
        "postgres://u@127.0.0.1:1/d?sslmode=verify-full",
    );
    let required = "postgres://u@127.0.0.1:1/d?sslmode=require";
    for (program, arguments, settings, reason) in [
        (
            "analytics-query",
            &["serve"][..],
            [
                ("DATABASE_URL", plain),
                ("DATABASE_CA_FILE", authority.path()),
            ],
            "sslmode=verify-full",
        ),
        (
            "analytics-ingest",
            &["serve"],
            [
                ("DATABASE_URL", required),
                ("DATABASE_CA_FILE", authority.path()),
            ],
            "sslmode=verify-full",
        ),
        (
            "analytics-migration",
            &["status"],
            [
                ("DATABASE_URL", required),
                ("DATABASE_CA_FILE", authority.path()),
            ],
            "sslmode=verify-full",
        ),
        (
            "analytics-query",
            &["serve"],
            [("DATABASE_URL", verified), ("DATABASE_CA_FILE", missing)],
            "No such file",
        ),
        (
            "analytics-query",
            &["serve"],
            [("DATABASE_URL", verified), ("DATABASE_CA_FILE", &empty)],
            "no PEM certificates",
        ),
        (
            "analytics-ingest",
            &["serve"],
            [
                ("AMQP_URL", "amqp://127.0.0.1:1"),
                ("AMQP_CA_FILE", authority.path()),
            ],
            "amqps://",
        ),
        (
            "analytics-ingest",
            &["dead-letters", "list"],
            [
                ("AMQP_URL", "amqp://127.0.0.1:1"),
                ("AMQP_CA_FILE", authority.path()),
            ],
            "amqps://",
        ),
        (
            "analytics-ingest",
            &["serve"],
            [
                ("AMQP_URL", "amqps://127.0.0.1:1"),
                ("AMQP_CA_FILE", &empty),
            ],
            "no PEM certificates",
        ),
    ] {
        let output = command(program, arguments, &settings).await;
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(
            !output.status.success() && text.contains(reason),
            "{settings:?}: {text}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_leaves_the_machine_without_verification_is_a_warning() {
    let (database, broker) = (
        "connection to the database leaves",
        "connection to the broker leaves",
    );
    for (database_url, amqp_url, warnings) in [
        (
            "postgres://u@db.invalid/d",
            "amqp://mq.invalid",
            [true, true],
        ),
        (
            "postgres://u@db.invalid/d?sslmode=require",
            "amqps://mq.invalid",
            [true, false],
        ),
        (
            "postgres://u@db.invalid/d?sslmode=verify-full",
            "amqp://localhost:1",
            [false, false],
        ),
        (
            "postgres://u@127.0.0.1:1/d",
            "amqp://[::1]:1",
            [false, false],
        ),
    ] {
        let settings = [("DATABASE_URL", database_url), ("AMQP_URL", amqp_url)];
        let ingest = Tier::start("analytics-ingest", &settings).await;
        let logged = ingest.logged();
        let found = [database, broker].map(|warning| logged.contains(warning));
        assert_eq!(found, warnings, "{settings:?}: {logged}");
    }
}

/// Runs a command until it ends.
async fn command(program: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary(program));
    command
        .args(arguments)
        .env("DATABASE_URL", "postgres://u@127.0.0.1:1/d")
        .env_remove("AMQP_URL")
        .env("JWT_SECRET", JWT_SECRET)
        .env("SESSION_SECRET", SESSION_SECRET)
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .envs(settings.iter().copied())
        .kill_on_drop(true);
    let ended = timeout(STEP, command.output()).await;
    ended
        .unwrap_or_else(|_| panic!("{program} {arguments:?} {settings:?}: keeps running"))
        .unwrap()
}

/// A tier whose servers do not have to be up.
struct Tier {
    process: Process,
    database: Option<TestDatabase>,
}

impl Tier {
    /// Starts ingest with a database.
    async fn start_ingest(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create(&Stack::from_env()).await;
        // No other test has these names.
        let name = database.url.rsplit_once('/').unwrap().1.to_owned();
        let mut environment = vec![
            ("DATABASE_URL", database.ingest_url.as_str()),
            ("AMQP_QUEUE", &name),
            ("AMQP_EXCHANGE", &name),
        ];
        environment.extend(settings);
        let mut tier = Self::start("analytics-ingest", &environment).await;
        tier.database = Some(database);
        tier
    }

    async fn start(program: &'static str, settings: &[(&str, &str)]) -> Self {
        let address = free_address();
        let log = std::env::temp_dir().join(format!("transport-{}.log", address.port()));
        let process = Process::start(program, address, log, settings).unwrap();
        let tier = Self {
            process,
            database: None,
        };
        let deadline = Instant::now() + STEP;
        while tier.readiness().await.is_none() {
            assert!(Instant::now() < deadline, "{}", tier.logged());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tier
    }

    /// The status of a check at `/readyz`, as soon as it has run.
    async fn status(&self, name: &str) -> String {
        let deadline = Instant::now() + STEP;
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let report = self.readiness().await.expect("an answer");
            let check = &report["checks"][name];
            if check.is_object() && check["detail"] != "not checked yet" {
                return check["status"].as_str().unwrap().to_owned();
            }
            assert!(Instant::now() < deadline, "{report}");
        }
    }

    async fn until(&self, check: &str, status: &str) {
        let waiting = async { while self.status(check).await != status {} };
        let reached = timeout(STEP, waiting).await;
        assert!(reached.is_ok(), "{}", self.logged());
    }

    async fn until_logged(&self, text: &str) {
        let deadline = Instant::now() + STEP;
        while !self.logged().contains(text) {
            assert!(Instant::now() < deadline, "{text}: {}", self.logged());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
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

impl Drop for Tier {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.process.log);
    }
}
