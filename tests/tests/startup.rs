//! A program that cannot start ends with an error; one whose database is starting waits for it.

use std::{
    process::{Command, Output},
    time::Duration,
};

use analytics_tests::{
    database::TestDatabase,
    process::{Process, binary},
    proxy::{Mode, Proxy},
    service::{Service, free_address},
    stack::Stack,
};

#[tokio::test]
async fn a_service_whose_port_is_taken_ends_with_an_error_and_is_not_seen_as_up() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let reading = [("DATABASE_URL", database.query_url.as_str())];
    let first = Service::start("analytics-query", &reading).await;
    let address = first.url("").split_off("http://".len());
    let log = std::env::temp_dir().join(format!("port-taken-{address}.log"));
    let mut second = Process::start(
        "analytics-ingest",
        address.parse().unwrap(),
        log,
        &[("DATABASE_URL", database.ingest_url.as_str())],
    )
    .unwrap();

    let error = second.until_up().await.unwrap_err();
    assert!(error.to_string().contains("ended at once"), "{error}");
    let logged = std::fs::read_to_string(&second.log).unwrap();
    assert!(logged.contains("Address already in use"), "{logged}");
    std::fs::remove_file(&second.log).unwrap();
}

/// Runs `analytics-migration up`.
fn up(url: &str, wait_seconds: &str) -> Output {
    Command::new(binary("analytics-migration"))
        .args(["up", "--wait-seconds", wait_seconds])
        .env("DATABASE_URL", url)
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_migration_and_the_tiers_wait_for_a_database_that_is_starting() {
    let database = TestDatabase::create_empty(&Stack::from_env()).await;
    let (proxy, url) = Proxy::before(&database.url).await;
    let (ingest_proxy, ingest_url) = Proxy::before(&database.ingest_url).await;
    proxy.set(Mode::Cut);
    ingest_proxy.set(Mode::Cut);
    let ingest = Service::start_unready("analytics-ingest", &[("DATABASE_URL", &ingest_url)]).await;
    let migrating = tokio::task::spawn_blocking(move || up(&url, "30"));
    ingest.until_check("database", "down").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    ingest_proxy.set(Mode::Pass);
    proxy.set(Mode::Pass);
    let output = migrating.await.unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert_eq!(
        text.matches("waiting for the database").count(),
        1,
        "{text}"
    );
    ingest.until_check("database", "up").await;
    assert_eq!(ingest.readiness().await.0, 200);
}

#[test]
fn the_migration_ends_with_a_message_if_the_database_does_not_start() {
    let output = up(&format!("postgres://a:b@{}/c", free_address()), "2");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("the database was not available within 2 s"),
        "{text}"
    );
    assert!(text.contains("refused"), "{text}");
    assert!(!text.to_lowercase().contains("backtrace"), "{text}");
}
