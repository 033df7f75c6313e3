//! Retention deletes everything older than a year, and nothing else.

use analytics_shared::database::{TierRole, delete_expired};
use analytics_tests::{
    database::connect_as, service::Service, stack::Stack, transaction::OpenTransaction,
};
use uuid::Uuid;

use super::{Crowd, TestDatabase, World, execute, succeed};

/// A view in every hour around the retention boundary, for events in two zones and without a zone.
fn old_views(crowd: &Crowd) -> String {
    let events = crowd
        .events
        .map(|event| format!("'{event}'::UUID"))
        .join(", ");
    format!(
        "INSERT INTO analytics_service.analytics_events (id, tenant_id, event_type, event_id, properties, created_at)
         SELECT gen_random_uuid(), '{}', 'page.view', event,
                jsonb_build_object('visitorId', 'old-' || EXTRACT(DAY FROM hour)), hour
         FROM generate_series(NOW() - INTERVAL '390 days', NOW() - INTERVAL '355 days', INTERVAL '1 hour') AS hour,
              unnest(ARRAY [{events}]) AS event;
         INSERT INTO analytics_service.event_rollup
             (tenant_id, event_id, day, event_type, source, ticket_type, currency, count, amount_cents, hours)
         SELECT '{}', event, day, 'page.view', 'direct', '', '', 1, 0, '{{0}}'
         FROM generate_series(CURRENT_DATE - 390, CURRENT_DATE - 360, INTERVAL '1 day') AS day,
              unnest(ARRAY [{events}]) AS event;
         INSERT INTO analytics_service.event_day_versions (tenant_id, event_id, day)
         SELECT DISTINCT tenant_id, event_id, day FROM analytics_service.event_rollup
         ON CONFLICT DO NOTHING;
         INSERT INTO analytics_service.lifecycle_ledger VALUES
             ('old', 'registration.completed', '{}', gen_random_uuid(), NOW() - INTERVAL '390 days', 'platform'),
             ('new', 'registration.completed', '{}', gen_random_uuid(), NOW() - INTERVAL '355 days', 'platform')",
        crowd.tenant, crowd.tenant, crowd.tenant, crowd.tenant
    )
}

const OLD_FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE created_at < NOW() - INTERVAL '373 days'";
const KEPT_FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE created_at > NOW() - INTERVAL '1 year'";
const OLD_DAYS: &str = "SELECT COUNT(*) FROM analytics_service.event_rollup WHERE day < (NOW() - INTERVAL '1 year 1 day')::DATE";
const OLD_VERSIONS: &str = "SELECT COUNT(*) FROM analytics_service.event_day_versions WHERE day < (NOW() - INTERVAL '1 year 1 day')::DATE";
const LEDGER: &str = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger";

#[tokio::test(flavor = "multi_thread")]
async fn the_retention_shows_what_would_go_and_then_deletes_it() {
    let world = World::start().await;
    let mut crowd = Crowd::gather(&world).await;
    crowd.send(&world.write(), 50).await;
    execute(&world.database, &old_views(&crowd)).await;
    succeed(&world.database, &["rebuild"]);
    succeed(&world.database, &["verify"]);
    let database = &world.database;
    let kept = database.number(KEPT_FACTS).await;
    assert!(database.number(OLD_FACTS).await > 0 && database.number(OLD_DAYS).await > 0);

    let shown = succeed(database, &["retention", "--dry-run"]);
    assert!(shown.contains("this would be deleted"), "{shown}");
    assert!(database.number(OLD_FACTS).await > 0 && database.number(OLD_DAYS).await > 0);
    let done = succeed(database, &["retention"]);
    let rows = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.starts_with('│'));
        rows.map(str::to_owned).collect()
    };
    assert_eq!(rows(&shown), rows(&done), "it does what it has shown");
    assert!(rows(&done).len() > 5, "several chunks: {done}");

    for gone in [OLD_FACTS, OLD_DAYS, OLD_VERSIONS] {
        assert_eq!(database.number(gone).await, 0, "{gone}");
    }
    assert_eq!(database.number(KEPT_FACTS).await, kept);
    assert_eq!(
        database.number(LEDGER).await,
        ledger_of_kept_facts(database).await
    );
    succeed(database, &["verify"]);
    let again = succeed(database, &["retention", "--dry-run"]);
    assert!(!again.contains("facts ("), "nothing is left to do: {again}");
    the_rollup_and_the_facts_answer_the_same(&world, &crowd).await;
    world.end().await;
}

/// The expected number of ledger rows: those of stored facts, and one of two others, the second of which is
/// expired.
async fn ledger_of_kept_facts(database: &TestDatabase) -> i64 {
    let facts = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger JOIN analytics_service.analytics_events ON id = fact_id";
    database.number(facts).await + 1
}

/// Compares days in each zone, from the first complete one.
async fn the_rollup_and_the_facts_answer_the_same(world: &World, crowd: &Crowd) {
    let today = analytics_shared::clock::now().date_naive();
    let (from, to) = (
        today - chrono::Duration::days(395),
        today - chrono::Duration::days(350),
    );
    for event in crowd.events {
        for zone in ["America/New_York", "Asia/Kathmandu", "UTC"] {
            let query = format!("?dateFrom={from}&dateTo={to}&timezone={zone}");
            let answer = world.dashboard(crowd.tenant, event, &query).await;
            let kept = format!(
                "FROM analytics_service.analytics_events,
                      LATERAL (SELECT (created_at AT TIME ZONE '{zone}')::DATE AS day) AS local
                 WHERE event_id = '{event}' AND day <= '{to}'
                   AND day > (NOW() - INTERVAL '1 year' + INTERVAL '1 day' - INTERVAL '1 microsecond')
                             AT TIME ZONE '{zone}'"
            );
            let views = format!("SELECT COUNT(*) {kept}");
            let visitors = format!("SELECT COUNT(DISTINCT properties ->> 'visitorId') {kept}");
            let views = world.database.number(&views).await;
            assert!(views > 0);
            let visitors = world.database.number(&visitors).await;
            let counted = [views, visitors].map(i64::cast_unsigned);
            assert_eq!(answer.views(), counted, "{zone}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_deletes_what_is_old_by_itself() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let crowd = Crowd {
        tenant: Uuid::now_v7(),
        events: [(); 3].map(|()| Uuid::now_v7()),
        rng: rand::SeedableRng::seed_from_u64(1),
    };
    execute(&database, &old_views(&crowd)).await;
    succeed(&database, &["rebuild"]);
    let url = [("DATABASE_URL", database.ingest_url.as_str())];
    let mut ingest = Service::start("analytics-ingest", &url).await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(15);
    while database.number(OLD_DAYS).await > 0 {
        assert!(std::time::Instant::now() < deadline, "{}", ingest.logged());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    // A policy of the database may not have run yet.
    succeed(&database, &["verify"]);
    if database.number(OLD_FACTS).await == 0 {
        for gone in [OLD_DAYS, OLD_VERSIONS] {
            assert_eq!(database.number(gone).await, 0, "{gone}");
        }
        assert_eq!(database.number(LEDGER).await, 1);
    }
    assert!(ingest.terminate().await.success());
}

#[tokio::test]
async fn an_expired_chunk_that_is_being_read_holds_up_no_older_one() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    for days in [1, 400, 500] {
        let fact = format!(
            "INSERT INTO analytics_service.analytics_events (id, tenant_id, event_type, created_at)
             VALUES (gen_random_uuid(), gen_random_uuid(), 'page.view', NOW() - INTERVAL '{days} days')"
        );
        execute(&database, &fact).await;
    }
    let ingest = connect_as(TierRole::Ingest, &database.ingest_url).await;
    let facts = "SELECT COUNT(*) FROM analytics_service.analytics_events";
    let mut reader = OpenTransaction::begin(&database).await;
    let newer = format!(
        "{facts} WHERE created_at BETWEEN NOW() - INTERVAL '410 days' AND NOW() - INTERVAL '390 days'"
    );
    reader.execute(&newer).await;
    let error = delete_expired(&ingest, "UTC", true).await.unwrap_err();
    assert!(error.to_string().contains("lock timeout"), "{error}");
    assert_eq!(database.number(facts).await, 2);
    reader.commit().await;
    let deleted = delete_expired(&ingest, "UTC", true).await.unwrap();
    assert_eq!(deleted.unwrap().chunks, 1);
    assert_eq!(database.number(facts).await, 1);
}
