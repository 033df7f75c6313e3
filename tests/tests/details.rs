//! Raw-fact metrics are computed up to the scan limit, or as requested by `details`.

use analytics_shared::clock;
use analytics_tests::{api::problem, response::Dashboard, world::World};
use chrono::{Days, NaiveDate};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

/// The scan limit, in facts.
const FEW: u32 = 20_000;

/// Stores this number of facts: one registration, completed after its start, and views; and rebuilds the rollup.
async fn store(world: &World, tenant: Uuid, event: Uuid, day: NaiveDate, facts: u32) {
    let stored = format!(
        "DELETE FROM analytics_service.analytics_events;
         INSERT INTO analytics_service.analytics_events
             (id, tenant_id, event_type, event_id, properties, created_at)
         SELECT gen_random_uuid(), '{tenant}',
                CASE n WHEN 1 THEN 'registration.started' WHEN 2 THEN 'registration.completed'
                       WHEN 3 THEN 'checkin.completed' ELSE 'page.view' END,
                '{event}', jsonb_build_object('registrationId', 'one', 'visitorId', 'ann'),
                '{day}T10:00:00Z'::TIMESTAMPTZ + n * INTERVAL '1 second'
         FROM generate_series(1, {facts}) AS n"
    );
    let stored = world.database.connection.execute_unprepared(&stored).await;
    stored.unwrap();
    let counted = world.database.migrate(&["rebuild"]);
    assert!(counted.status.success(), "{counted:?}");
}

/// Whether each of these is present: the check-in curve, the hours of the week, those in another zone and those
/// with a filter, and the time to convert.
async fn told(world: &World, tenant: Uuid, event: Uuid, more: &str) -> [bool; 5] {
    let read = world.read().of_tenant(tenant);
    let ask = async |what: &str| read.read(&format!("/events/{event}/{what}{more}")).await;
    let is_told = |value: &Value| !value.is_null();
    let dashboard = ask("dashboard?timezone=UTC").await;
    let elsewhere = ask("dashboard?timezone=Asia/Kathmandu").await;
    let filtered = ask("dashboard?source=direct").await;
    let funnel = ask("funnel?source=direct").await;
    [
        is_told(&dashboard["checkInCurve"]),
        is_told(&dashboard["byHour"]),
        is_told(&elsewhere["byHour"]),
        is_told(&filtered["byHour"]),
        is_told(&funnel["timeToConvert"]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn single_facts_are_looked_at_where_they_are_few_or_as_the_caller_wants() {
    let world = World::start().await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    let day = clock::now().date_naive() - Days::new(3);
    // Hours are in the rows, for every zone and filter.
    let on_demand = [false, true, true, true, false];
    for (facts, without_asking) in [(FEW, [true; 5]), (FEW + 1, on_demand)] {
        store(&world, tenant, event, day, facts).await;
        let told = async |more: &str| told(&world, tenant, event, more).await;
        assert_eq!(told("").await, without_asking, "{facts}");
        assert_eq!(told("&details=always").await, [true; 5], "{facts}");
        assert_eq!(told("&details=never").await, on_demand, "{facts}");
    }
    let read = world.read().of_tenant(tenant);
    let path = format!("/events/{event}/funnel?details=always");
    let one = json!({"registrations": 1, "medianSeconds": 1.0, "p90Seconds": 1.0});
    let times = json!({"startToCompletion": one, "completionToCheckIn": one});
    assert_eq!(read.read(&path).await["timeToConvert"], times);
    let path = format!("/events/{event}/dashboard?timezone=Asia/Kathmandu&details=always");
    let dashboard: Dashboard = read.read_as(&path).await;
    let views: u64 = dashboard.by_hour.iter().map(|hour| hour.views).sum();
    assert_eq!(views, u64::from(FEW) + 1 - 3);
    // An hourly series is not subject to the limit.
    let path = format!("/events/{event}/dashboard?granularity=hour&source=direct");
    assert!(read.read(&path).await["series"].is_array());

    for what in ["dashboard", "funnel"] {
        let answer = read
            .get(&format!("/events/{event}/{what}?details=maybe"))
            .await;
        let (status, refused) = problem(answer).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{what}");
        assert_eq!(refused["errors"][0]["field"], "details");
    }
    world.end().await;
}
