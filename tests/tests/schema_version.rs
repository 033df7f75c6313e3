//! A tier is ready with a schema that is newer than the program, and not with one that is older.

use analytics_shared::database::MIGRATIONS;
use analytics_tests::{database::TestDatabase, service::Service, stack::Stack};
use sea_orm::ConnectionTrait;

/// A migration of a later version.
const LATER: &str = "m20990101_000001_later";

/// Both tiers with the URLs of their logins.
fn tiers(database: &TestDatabase) -> [(&'static str, &str); 2] {
    [
        ("analytics-ingest", &database.ingest_url),
        ("analytics-query", &database.query_url),
    ]
}

#[tokio::test]
async fn a_tier_is_ready_with_a_newer_schema_and_says_so_once() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let later = format!("INSERT INTO analytics_migrations VALUES ('{LATER}', 1)");
    database
        .connection
        .execute_unprepared(&later)
        .await
        .unwrap();
    for (name, url) in tiers(&database) {
        let mut service = Service::start(name, &[("DATABASE_URL", url)]).await;
        let detail = service.until_check("database", "up").await;
        assert!(
            detail.contains("newer") && detail.contains(LATER),
            "{detail}"
        );
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let log = service.logged();
        let lines = log
            .lines()
            .filter(|line| line.contains("newer than this program"));
        let lines: Vec<_> = lines.collect();
        assert!(lines.len() == 1 && lines[0].contains(LATER), "{log}");
        assert!(service.terminate().await.success());
    }
}

#[tokio::test]
async fn a_tier_is_not_ready_before_the_migrations_that_it_needs() {
    let database = TestDatabase::create_empty(&Stack::from_env()).await;
    for (name, url) in tiers(&database) {
        let service = Service::start_unready(name, &[("DATABASE_URL", url)]).await;
        let detail = service.until_check("database", "down").await;
        assert!(detail.contains("analytics-migration up"), "{detail}");
    }
    database.bring_up();
    let [name] = MIGRATIONS;
    let older =
        format!("UPDATE analytics_migrations SET version = '{LATER}' WHERE version = '{name}'");
    database
        .connection
        .execute_unprepared(&older)
        .await
        .unwrap();
    let mut services = Vec::new();
    for (tier, url) in tiers(&database) {
        let service = Service::start_unready(tier, &[("DATABASE_URL", url)]).await;
        let detail = service.until_check("database", "down").await;
        assert!(
            detail.contains("older") && detail.contains(name),
            "{detail}"
        );
        assert!(detail.contains("analytics-migration up"), "{detail}");
        assert_eq!(service.readiness().await.0, 503);
        services.push(service);
    }
    let current =
        format!("UPDATE analytics_migrations SET version = '{name}' WHERE version = '{LATER}'");
    database
        .connection
        .execute_unprepared(&current)
        .await
        .unwrap();
    for service in &services {
        service.until_check("database", "up").await;
        assert_eq!(service.readiness().await.0, 200);
    }
}
