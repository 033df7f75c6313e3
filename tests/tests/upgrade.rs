//! An upgrade of the schema beside the running service: no request fails or waits long, and the version before goes on
//! with the new schema.

mod next_version;

use std::time::{Duration, Instant};

use analytics_migration::{connection, upgrade};
use analytics_shared::{clock, database::SessionSettings};
use analytics_tests::{
    api::Api,
    database::TestDatabase,
    fact::Fact,
    guide,
    share::Share,
    stack::Stack,
    transaction::OpenTransaction,
    world::{World, start_ingest, start_query_with},
};
use futures_util::future::join_all;
use next_version::{ADDED, NextVersion};
use sea_orm::ConnectionTrait;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Clients of each tier.
const CLIENTS: usize = 4;
/// The time for which a reader of the facts holds its lock: longer than a migration waits for one.
const SLOW_READ: Duration = Duration::from_secs(4);
/// The time without a change before the upgrade, and after it.
const QUIET: Duration = Duration::from_secs(1);
/// A fact that takes longer is not waited for, but queued.
const MAX_DURATION: Duration = Duration::from_secs(2);

/// Stores facts until `stop`; returns their number. None fails, is queued, or takes long.
async fn write(api: &Api, event: Uuid, stop: &CancellationToken) -> usize {
    let mut stored = 0;
    while !stop.is_cancelled() {
        let started = Instant::now();
        api.store(&Fact::view(event).visitor(Uuid::now_v7())).await;
        let took = started.elapsed();
        assert!(took < MAX_DURATION, "{took:?}");
        stored += 1;
    }
    stored
}

/// Reads until `stop`. No read fails.
async fn read(api: &Api, tenant: Uuid, event: Uuid, stop: &CancellationToken) {
    let from = ["dashboard", "dashboard?timezone=Asia/Kathmandu", "funnel"];
    let paths = from.map(|path| format!("/events/{event}/{path}"));
    let report = format!("/organizations/{tenant}/report");
    let events = format!("/organizations/{tenant}/events");
    let shares = format!("/events/{event}/shares");
    while !stop.is_cancelled() {
        for path in paths.iter().chain([&report, &events, &shares]) {
            api.read(path).await;
        }
    }
}

/// Applies the next version's migrations while a slow reader of the facts is in their way.
async fn upgrade_beside_a_slow_reader(world: &World) {
    let mut reader = OpenTransaction::begin(&world.database).await;
    reader
        .execute("LOCK TABLE analytics_events IN ACCESS SHARE MODE")
        .await;
    let reading = async {
        tokio::time::sleep(SLOW_READ).await;
        reader.commit().await;
        Instant::now()
    };
    let upgrading = async {
        let url = &world.database.migration_url;
        let pool = connection::connect(url, SessionSettings::default()).await;
        let applied = upgrade::up::<NextVersion>(&pool.unwrap()).await.unwrap();
        assert_eq!(applied, ADDED.len());
        Instant::now()
    };
    let (left, upgraded) = tokio::join!(reading, upgrading);
    assert!(upgraded > left, "the reader was not in the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_under_load_fails_no_request_and_the_version_before_goes_on_with_its_schema() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    // The clients are not to be limited.
    let world = World::start_on(database, &[], &[("READ_SECONDS_PER_MINUTE", "1000")]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
    let (writer, reader) = (
        world.write().of_service(tenant),
        world.read().of_tenant(tenant),
    );
    let share = Share::to_all(&reader, event).await;
    share.open(&world.read()).await;
    let stop = CancellationToken::new();
    let upgrading = async {
        tokio::time::sleep(QUIET).await;
        upgrade_beside_a_slow_reader(&world).await;
        tokio::time::sleep(QUIET).await;
        // Back to the version before: its migration comes first, as the hook of the chart.
        let (success, text) = world.database.spawn_migrate(&["up"]).await.unwrap();
        assert!(success, "{text}");
        assert!(
            text.contains("the schema is newer than this program"),
            "{text}"
        );
        for (name, _) in ADDED {
            assert!(text.contains(&format!("unknown  {name}")), "{text}");
        }
        stop.cancel();
    };
    let writing = join_all((0..CLIENTS).map(|_| write(&writer, event, &stop)));
    let reading = join_all((0..CLIENTS).map(|_| read(&reader, tenant, event, &stop)));
    let (stored, _, ()) = tokio::join!(writing, reading, upgrading);
    let stored: usize = stored.iter().sum();
    assert!(stored > 100, "{stored}");
    for share in [share, Share::to_all(&reader, event).await] {
        share.open(&world.read()).await;
    }

    // New processes of the version before.
    let (database, broker) = (&world.database, &world.broker);
    let (mut ingest, mut query) = tokio::join!(
        start_ingest(&database.ingest_url, &broker.url, broker),
        start_query_with(database, &[]),
    );
    Api::at(&ingest.url(""))
        .of_service(tenant)
        .store(&Fact::view(event))
        .await;
    let dashboard = format!("/events/{event}/dashboard");
    let dashboard = Api::at(&query.url(""))
        .of_tenant(tenant)
        .read(&dashboard)
        .await;
    assert_eq!(dashboard["totalViews"], stored + 1);
    for service in [&mut ingest, &mut query] {
        assert!(service.terminate().await.success());
    }
    let (success, text) = world.database.spawn_migrate(&["verify"]).await.unwrap();
    assert!(success, "{text}");
    let logged = [world.ingest.logged(), world.query.logged()];
    assert!(
        logged.iter().all(|log| !log.contains("ERROR")),
        "{logged:?}"
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_built_beside_the_service_as_the_guide_says() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let writer = world.write().of_service(tenant);
    for days in 0..40 {
        let at = clock::now() - chrono::Duration::days(days);
        writer.store(&Fact::view(event).at(at)).await;
    }
    let stop = CancellationToken::new();
    let building = async {
        for statement in guide::blocks("Upgrades", "sql") {
            // By itself: not in a transaction.
            world
                .database
                .connection
                .execute_unprepared(&statement)
                .await
                .unwrap();
        }
        stop.cancel();
    };
    tokio::join!(write(&writer, event, &stop), building);
    let valid = "SELECT COUNT(*) FROM pg_index
                 WHERE indrelid::regclass::TEXT LIKE '%\\_hyper\\_%' AND indisvalid
                   AND pg_get_indexdef(indexrelid) LIKE '%(tenant_id, user_id, created_at DESC)'";
    let chunks = "SELECT COUNT(*) FROM timescaledb_information.chunks";
    let database = &world.database;
    assert_eq!(database.number(valid).await, database.number(chunks).await);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_lacks_a_migration_of_an_older_program_is_refused() {
    let database = TestDatabase::create_empty(&Stack::from_env()).await;
    let other = "CREATE TABLE analytics_migrations (version TEXT PRIMARY KEY, applied_at BIGINT);
                 INSERT INTO analytics_migrations VALUES ('m20250101_000001_other', 0)";
    let created = database.connection.execute_unprepared(other).await;
    created.unwrap();
    let output = database.migrate(&["up"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        error.contains("m20250101_000001_other are unknown to this program"),
        "{error}"
    );
}
