//! An import can be stopped at any time; repeated, it continues and stores nothing twice.

use std::time::{Duration, Instant};

use analytics_shared::clock;
use analytics_tests::{
    fact::Fact,
    proxy::{Mode, Proxy},
    world::World,
};
use serde_json::json;
use tokio::{io::AsyncWriteExt, process::Command};
use uuid::Uuid;

use super::{FACTS, Folder, ended, ndjson, verify};

const ROWS: u64 = 40_000;

/// Views of an event, every second one without an id, many of which are equal.
fn views(event: Uuid) -> String {
    let begin = clock::now() - chrono::Duration::days(2);
    let view = |number: u64| {
        let mut view = Fact::view(event)
            .at(begin + chrono::Duration::milliseconds((number / 8 * 1_000).cast_signed()))
            .visitor(format!("browser-{}", number % 3_000));
        if number.is_multiple_of(2) {
            view["id"] = Uuid::now_v7().to_string().into();
        } else {
            view["properties"] = json!({});
        }
        view
    };
    ndjson((0..ROWS).map(view))
}

async fn stored(world: &World) -> u64 {
    u64::try_from(world.database.number(FACTS).await).unwrap()
}

async fn until_some_are_stored(world: &World) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while stored(world).await == 0 {
        assert!(Instant::now() < deadline, "nothing is stored");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Asserts that a repeated import stores the remaining rows, each once.
async fn goes_on(world: &World, folder: &Folder, tenant: Uuid, event: Uuid) {
    let before = stored(world).await;
    assert!((1..ROWS).contains(&before), "{before} facts are stored");
    let again = folder.import_all(world, &["facts.ndjson"]).await;
    assert_eq!(again.outcome(), [ROWS, ROWS - before, before, 0, 0]);
    assert_eq!(stored(world).await, ROWS);
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.views(), [ROWS, 1_500]);
    verify(world);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_halfway_goes_on_and_doubles_nothing() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    folder.write("facts.ndjson", views(event));
    let mut import = folder.start(&world.database.ingest_url, &["facts.ndjson"]);
    until_some_are_stored(&world).await;
    import.kill().await.unwrap();
    goes_on(&world, &folder, tenant, event).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_asked_to_stop_says_so_and_goes_on() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    folder.write("facts.ndjson", views(event));
    let import = folder.start(&world.database.ingest_url, &["facts.ndjson"]);
    until_some_are_stored(&world).await;
    terminate(import.id().unwrap()).await;
    let ended = ended(import).await;
    assert_eq!(ended.status.code(), Some(130), "{}", ended.logged);
    assert!(
        ended.logged.contains("run the same command again"),
        "{}",
        ended.logged
    );
    // The reported rows are stored.
    assert_eq!(stored(&world).await, ended.rows("stored"));
    goes_on(&world, &folder, tenant, event).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_waits_for_a_silent_pipe_can_be_stopped() {
    let (world, folder) = (World::start().await, Folder::new());
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let mut import = folder.start(&world.database.ingest_url, &["-", "--format", "ndjson"]);
    let mut input = import.stdin.take().unwrap();
    let view = Fact::view(event).id(Uuid::now_v7());
    input.write_all(ndjson([&view]).as_bytes()).await.unwrap();
    world.until_stored(1).await;
    terminate(import.id().unwrap()).await;
    let ended = tokio::time::timeout(Duration::from_secs(20), ended(import)).await;
    let ended = ended.expect("it ends");
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(ended.outcome(), [1, 1, 0, 0, 0]);
    drop(input);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_the_import_holds_on() {
    let (world, folder) = (World::start().await, Folder::new());
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    folder.write("facts.ndjson", views(event));
    let (proxy, through_proxy) = Proxy::before(&world.database.ingest_url).await;
    let import = folder.start(&through_proxy, &["facts.ndjson"]);
    until_some_are_stored(&world).await;
    proxy.set(Mode::Cut);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(stored(&world).await < ROWS, "it was over before the fault");
    proxy.set(Mode::Pass);
    let ended = ended(import).await;
    assert!(ended.status.success(), "{}", ended.logged);
    // A batch that was committed during the stop is a duplicate in the next import.
    assert_eq!(ended.rows("stored") + ended.rows("duplicate"), ROWS);
    assert_eq!(stored(&world).await, ROWS);
    assert_eq!(world.dashboard(tenant, event, "").await.total_views, ROWS);
    verify(&world);
    world.end().await;
}

async fn terminate(process: u32) {
    let sent = Command::new("kill")
        .args(["-TERM", &process.to_string()])
        .status();
    assert!(sent.await.unwrap().success());
}
