//! Everything that is older than a year goes, and nothing else.

use analytics_tests::{service::Service, stack::Stack};

use serde_json::json;
use uuid::Uuid;

use super::{Crowd, TestDatabase, World, execute, succeed};

/// A view every hour around the boundary of the retention, in two zones and without one.
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
         INSERT INTO analytics_service.visitors (tenant_id, visitor_id, last_seen)
         VALUES ('{}', 'long-gone', NOW() - INTERVAL '400 days');
         INSERT INTO analytics_service.lifecycle_ledger VALUES
             ('old', 'registration.completed', '{}', gen_random_uuid(), NOW() - INTERVAL '390 days'),
             ('new', 'registration.completed', '{}', gen_random_uuid(), NOW() - INTERVAL '355 days')",
        crowd.tenant, crowd.tenant, crowd.tenant, crowd.tenant
    )
}

const OLD_FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE created_at < NOW() - INTERVAL '373 days'";
const KEPT_FACTS: &str = "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE created_at > NOW() - INTERVAL '1 year'";
const OLD_DAYS: &str =
    "SELECT COUNT(*) FROM analytics_service.event_daily WHERE day < NOW() - INTERVAL '374 days'";
const OLD_SETS: &str = "SELECT COUNT(*) FROM analytics_service.event_daily_visitors WHERE day < NOW() - INTERVAL '374 days'";
const LEDGER: &str = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger";
const LONG_GONE: &str =
    "SELECT COUNT(*) FROM analytics_service.visitors WHERE visitor_id = 'long-gone'";

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
    assert!(database.number(OLD_FACTS).await > 0 && database.number(LONG_GONE).await == 1);
    let done = succeed(database, &["retention"]);
    let rows = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.starts_with('│'));
        rows.map(str::to_owned).collect()
    };
    assert_eq!(rows(&shown), rows(&done), "it does what it has shown");
    assert!(rows(&done).len() > 5, "several chunks: {done}");

    for gone in [OLD_FACTS, OLD_DAYS, OLD_SETS, LONG_GONE] {
        assert_eq!(database.number(gone).await, 0, "{gone}");
    }
    assert_eq!(database.number(KEPT_FACTS).await, kept);
    assert_eq!(
        database.number(LEDGER).await,
        ledger_of_kept_facts(database).await
    );
    // The day that the boundary cuts in New York is counted as far as its facts are kept.
    succeed(database, &["verify"]);
    let again = succeed(database, &["retention", "--dry-run"]);
    assert!(!again.contains("facts ("), "nothing is left to do: {again}");
    the_rollup_and_the_facts_answer_the_same(&world, &crowd).await;
    world.end().await;
}

/// One of two rows is old; the others are those of facts that are there.
async fn ledger_of_kept_facts(database: &TestDatabase) -> i64 {
    let facts = "SELECT COUNT(*) FROM analytics_service.lifecycle_ledger JOIN analytics_service.analytics_events ON id = fact_id";
    database.number(facts).await + 1
}

async fn the_rollup_and_the_facts_answer_the_same(world: &World, crowd: &Crowd) {
    let today = analytics_shared::clock::now().date_naive();
    let (from, to) = (
        today - chrono::Duration::days(395),
        today - chrono::Duration::days(350),
    );
    for event in crowd.events {
        let of = |zone: &str| format!("?dateFrom={from}&dateTo={to}&timezone={zone}");
        let own = world
            .dashboard(crowd.tenant, event, &of("America/New_York"))
            .await;
        let other = world
            .dashboard(crowd.tenant, event, &of("Asia/Kathmandu"))
            .await;
        let utc = world.dashboard(crowd.tenant, event, &of("UTC")).await;
        for figure in ["totalViews", "uniqueViews"] {
            assert!(own[figure].as_u64() > Some(0));
            assert_eq!(own[figure], other[figure]);
            assert_eq!(own[figure], utc[figure]);
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
    let url = [("DATABASE_URL", database.url.as_str())];
    let mut ingest = Service::start("analytics-ingest", &url).await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(15);
    while database.number(LONG_GONE).await > 0 {
        assert!(std::time::Instant::now() < deadline, "{}", ingest.logged());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    // Where the database has a policy it may not have run yet; then nothing has moved.
    succeed(&database, &["verify"]);
    if database.number(OLD_FACTS).await == 0 {
        for gone in [OLD_DAYS, OLD_SETS] {
            assert_eq!(database.number(gone).await, 0, "{gone}");
        }
        assert_eq!(database.number(LEDGER).await, 1);
    }
    assert!(ingest.terminate().await.success());
}

async fn view_of(world: &World, tenant: Uuid, event: Uuid, visitor: &str) {
    let view = json!({
        "eventType": "page.view", "eventId": event, "properties": {"visitorId": visitor},
    });
    world.write().of_tenant(tenant).track(&view).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_came_again_stays_and_one_who_did_not_goes() {
    let world = World::start().await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    view_of(&world, tenant, event, "again").await;
    execute(
        &world.database,
        "UPDATE analytics_service.visitors SET last_seen = NOW() - INTERVAL '500 days';
         UPDATE analytics_service.newcomers SET day = CURRENT_DATE, above = 1000;
         INSERT INTO analytics_service.visitors (tenant_id, visitor_id, last_seen)
         VALUES (gen_random_uuid(), 'never again', NOW() - INTERVAL '500 days')",
    )
    .await;
    view_of(&world, tenant, event, "again").await;
    // It is when sets are condensed that the days of their visitors are noted.
    let fresh =
        "SELECT COUNT(*) FROM analytics_service.event_daily_visitors WHERE ordinals IS NOT NULL";
    world.until(fresh, 0).await;
    succeed(&world.database, &["retention"]);
    let left = "SELECT COUNT(*) FROM analytics_service.visitors WHERE visitor_id LIKE '%again'";
    assert_eq!(world.database.number(left).await, 1);
    succeed(&world.database, &["verify"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_is_deleted_but_remembered_by_ingest_gets_a_new_number() {
    let world = World::start().await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    view_of(&world, tenant, Uuid::now_v7(), "late").await;
    execute(
        &world.database,
        "DELETE FROM analytics_service.visitors;
         UPDATE analytics_service.newcomers SET day = CURRENT_DATE, above = 1000",
    )
    .await;
    view_of(&world, tenant, event, "late").await;
    let numbered = "SELECT COUNT(*) FROM analytics_service.visitors WHERE visitor_id = 'late'";
    world.until(numbered, 1).await;
    super::until_verified(&world.database).await;
    let unique = &world.dashboard(tenant, event, "").await["uniqueViews"];
    assert_eq!(unique, 1);
    world.end().await;
}
