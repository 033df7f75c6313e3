//! A service that cannot start ends with an error.

use analytics_tests::{database::TestDatabase, process::Process, service::Service, stack::Stack};

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
