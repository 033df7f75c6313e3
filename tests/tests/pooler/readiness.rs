//! A tier whose sessions are not as it needs them is not ready, and says what to set.

use std::time::{Duration, Instant};

use analytics_tests::{
    database::TestDatabase, pooler::Pooler, process::Process, service::free_address, stack::Stack,
};
use reqwest::StatusCode;
use serde_json::Value;

/// Starts a tier with a pooler between it and its database; returns the response of `/readyz` after the first checks.
async fn readiness(name: &'static str, url: &str, mode: &str) -> (StatusCode, String) {
    let address = free_address();
    let log = std::env::temp_dir().join(format!("{name}-{}-pooler.log", address.port()));
    let environment = [("DATABASE_URL", url), ("DATABASE_POOLER", mode)];
    let mut process = Process::start(name, address, log.clone(), &environment).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let found = loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let Some(url) = process.management_url("/readyz") else {
            continue;
        };
        let Ok(response) = reqwest::get(url).await else {
            continue;
        };
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        let database = body["checks"]["database"]["detail"].to_string();
        let is_over = Instant::now() > deadline;
        if status == StatusCode::OK || database.contains("DATABASE_POOLER") || is_over {
            break (status, database);
        }
    };
    assert!(process.stop().await.unwrap().success());
    std::fs::remove_file(log).unwrap();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_whose_pooler_loses_its_settings_is_not_ready_and_names_the_setting() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let only_digits = "ignore_startup_parameters=extra_float_digits";
    for (settings, mode, named) in [
        // As CloudNativePG's Pooler.
        (
            &["max_prepared_statements=200"][..],
            "none",
            "DATABASE_POOLER=transaction",
        ),
        // As PgBouncer, which refuses `options` by default.
        (&[only_digits], "none", "DATABASE_POOLER=transaction"),
        (
            &["max_prepared_statements=0"],
            "transaction",
            "DATABASE_POOLER=transaction-unprepared",
        ),
        (
            &[only_digits, "max_prepared_statements=200"],
            "transaction",
            "",
        ),
        (&["max_prepared_statements=0"], "transaction-unprepared", ""),
    ] {
        let pooler = Pooler::start(settings);
        for (name, url) in [
            ("analytics-ingest", &database.ingest_url),
            ("analytics-query", &database.query_url),
        ] {
            let (status, detail) = readiness(name, &pooler.url(url), mode).await;
            let expected = if named.is_empty() {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            };
            assert_eq!(status, expected, "{name} {settings:?} {mode}: {detail}");
            assert!(
                detail.contains(named),
                "{name} {settings:?} {mode}: {detail}"
            );
        }
    }
}
