//! Verifying and rebuilding the rollup.

use super::{Crowd, World, execute, run, succeed};

/// Corruptions of the rollup, with the figure that `verify` reports. The facts are intact.
const DAMAGES: [(&str, &str); 9] = [
    (
        "UPDATE analytics_service.event_rollup SET count = count + 1 WHERE event_type = 'page.view'",
        "count",
    ),
    (
        "UPDATE analytics_service.event_rollup SET amount_cents = amount_cents - 1 WHERE event_type = 'payment.completed'",
        "amount EUR",
    ),
    (
        "UPDATE analytics_service.event_rollup SET ticket_type_name = 'Other'",
        "Other",
    ),
    (
        "DELETE FROM analytics_service.event_rollup WHERE event_type = 'checkin.completed'",
        "checkin.completed",
    ),
    (
        "INSERT INTO analytics_service.event_rollup
             (tenant_id, event_id, day, event_type, source, ticket_type, currency, count, amount_cents, hours)
         SELECT tenant_id, gen_random_uuid(), day, 'never.happened', source, ticket_type, currency, count, amount_cents, hours
         FROM analytics_service.event_rollup LIMIT 1",
        "never.happened",
    ),
    (
        "UPDATE analytics_service.event_rollup SET hours = ARRAY_REPLACE(hours, hours[1], ((hours[1] + 1) % 24)::SMALLINT) WHERE event_type = 'page.view'",
        ":00",
    ),
    (
        "UPDATE analytics_service.event_rollup SET hour_counts = ARRAY_FILL(2, ARRAY[CARDINALITY(hours)]) WHERE event_type = 'page.view'",
        ":00",
    ),
    (
        "UPDATE analytics_service.event_rollup SET visitors = NULL WHERE event_type = 'page.view'",
        "visitors",
    ),
    // The same number of visitors, but different ones.
    (
        "UPDATE analytics_service.event_rollup SET visitors = ARRAY(SELECT visitor + 1 FROM unnest(visitors) AS visitor) WHERE event_type = 'page.view'",
        "only here",
    ),
];

/// Stops compaction, which replaces rows, so that the corruption finds them.
const NO_COMPACTION: &str =
    "SELECT pg_advisory_xact_lock(hashtext('analytics_service.compaction'))";

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_every_kind_of_difference_and_rebuild_restores_the_rollup() {
    let world = World::start().await;
    let mut crowd = Crowd::gather(&world).await;
    crowd.send(&world.write(), 300).await;
    let before = crowd.figures(&world).await;
    let text = succeed(&world.database, &["verify"]);
    assert!(text.contains("3 events: rollup and facts agree"), "{text}");
    for (damage, named) in DAMAGES {
        let damage = format!("{NO_COMPACTION}; {damage}");
        execute(&world.database, &damage).await;
        let (success, text) = run(&world.database, &["verify"]);
        assert!(!success && text.contains(named), "{damage}: {text}");
        let rebuilt = succeed(&world.database, &["rebuild"]);
        assert!(rebuilt.contains("events are rebuilt"), "{rebuilt}");
        succeed(&world.database, &["verify"]);
        assert_eq!(crowd.figures(&world).await, before, "{damage}");
    }
    world.end().await;
}

/// Another hash function, as of another version of PostgreSQL.
const OTHER_HASH: &str =
    "CREATE OR REPLACE FUNCTION analytics_service.visitor_hash(tenant_id UUID, kind TEXT, id TEXT)
        RETURNS BIGINT LANGUAGE SQL IMMUTABLE PARALLEL SAFE
        RETURN hashtextextended((kind || id) COLLATE \"C\", uuid_hash_extended(tenant_id, 1))";

#[tokio::test(flavor = "multi_thread")]
async fn another_visitor_hash_demands_a_rebuild_of_all_events() {
    let world = World::start().await;
    let mut crowd = Crowd::gather(&world).await;
    crowd.send(&world.write(), 100).await;
    let before = crowd.figures(&world).await;
    execute(&world.database, OTHER_HASH).await;
    let demanded = |command| {
        let (success, text) = run(&world.database, &[command]);
        let named = text.contains("run `analytics-migration rebuild` for all events");
        assert!(!success && named, "{command}: {text}");
    };
    demanded("up");
    demanded("verify");
    for scope in [
        ["--tenant".to_owned(), crowd.tenant.to_string()],
        ["--event".to_owned(), crowd.events[0].to_string()],
    ] {
        succeed(&world.database, &["rebuild", &scope[0], &scope[1]]);
        demanded("up");
    }
    succeed(&world.database, &["rebuild"]);
    succeed(&world.database, &["up"]);
    succeed(&world.database, &["verify"]);
    assert_eq!(crowd.figures(&world).await, before);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_a_lifecycle_fact_that_is_stored_twice() {
    let world = World::start().await;
    let mut crowd = Crowd::gather(&world).await;
    crowd.send(&world.write(), 100).await;
    execute(
        &world.database,
        "INSERT INTO analytics_service.analytics_events (id, tenant_id, event_type, event_id, user_id, properties, created_at)
         SELECT gen_random_uuid(), tenant_id, event_type, event_id, user_id, properties, created_at
         FROM analytics_service.analytics_events WHERE event_type = 'registration.completed' LIMIT 1",
    )
    .await;
    succeed(&world.database, &["rebuild"]);
    let (success, text) = run(&world.database, &["verify"]);
    assert!(
        !success && text.contains("differences: 1 in 3 events"),
        "{text}"
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_or_one_tenant_can_be_verified_and_rebuilt_alone() {
    let world = World::start().await;
    let (mut one, mut other) = (Crowd::gather(&world).await, Crowd::gather(&world).await);
    one.send(&world.write(), 50).await;
    other.send(&world.write(), 50).await;
    let damage = format!(
        "UPDATE analytics_service.event_rollup SET count = count + 1 WHERE tenant_id = '{}'",
        one.tenant
    );
    execute(&world.database, &damage).await;
    let (damaged, sound) = (one.tenant.to_string(), other.tenant.to_string());
    succeed(&world.database, &["verify", "--tenant", &sound]);
    assert!(!run(&world.database, &["verify", "--tenant", &damaged]).0);
    for event in one.events.map(|event| event.to_string()) {
        assert!(!run(&world.database, &["verify", "--event", &event]).0);
        succeed(&world.database, &["rebuild", "--event", &event]);
        succeed(&world.database, &["verify", "--event", &event]);
    }
    succeed(&world.database, &["verify"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_and_rebuild_are_safe_while_ingest_writes() {
    let world = World::start().await;
    let mut crowd = Crowd::gather(&world).await;
    let write = world.write();
    let writing = tokio::spawn(async move {
        for _ in 0..25 {
            crowd.send(&write, 100).await;
        }
    });
    let mut rounds = 0;
    while !writing.is_finished() || rounds < 3 {
        for command in ["verify", "rebuild", "verify"] {
            succeed(&world.database, &[command]);
        }
        rounds += 1;
    }
    writing.await.unwrap();
    succeed(&world.database, &["verify"]);
    world.end().await;
}
