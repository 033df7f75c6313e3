//! A tier whose sessions are not as it needs them is not ready, and says what to set.

use std::time::{Duration, Instant};

use analytics_tests::{database::TestDatabase, pooler::Pooler, service::Service, stack::Stack};

/// Starts a tier with a pooler between it and its database; returns the status of `/readyz` and the detail of its check
/// of the database, as soon as one is `expected`.
async fn readiness(name: &'static str, url: &str, mode: &str, expected: &str) -> (u16, String) {
    let environment = [("DATABASE_URL", url), ("DATABASE_POOLER", mode)];
    let mut service = Service::start_unready(name, &environment).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let (status, report) = service.readiness().await;
        let detail = report["checks"]["database"]["detail"].to_string();
        if detail.contains(expected) || Instant::now() > deadline {
            assert!(service.terminate().await.success());
            return (status, detail);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_whose_pooler_loses_its_settings_is_not_ready_and_names_the_setting() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let only_digits = "ignore_startup_parameters=extra_float_digits";
    for (settings, mode, expected) in [
        // As CloudNativePG's Pooler.
        (
            &["max_prepared_statements=200"][..],
            "none",
            "set DATABASE_POOLER=transaction",
        ),
        // As PgBouncer, which refuses `options` by default.
        (&[only_digits], "none", "set DATABASE_POOLER=transaction"),
        (
            &["max_prepared_statements=0"],
            "transaction",
            "set DATABASE_POOLER=transaction-unprepared",
        ),
        (
            &[only_digits, "max_prepared_statements=200"],
            "transaction",
            "connected",
        ),
        (
            &["max_prepared_statements=0"],
            "transaction-unprepared",
            "connected",
        ),
    ] {
        let pooler = Pooler::start(settings);
        for (name, url) in [
            ("analytics-ingest", &database.ingest_url),
            ("analytics-query", &database.query_url),
        ] {
            let (status, detail) = readiness(name, &pooler.url(url), mode, expected).await;
            let expected_status = if expected == "connected" { 200 } else { 503 };
            assert_eq!(
                status, expected_status,
                "{name} {settings:?} {mode}: {detail}"
            );
            assert!(
                detail.contains(expected),
                "{name} {settings:?} {mode}: {detail}"
            );
        }
    }
}
