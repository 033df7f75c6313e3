//! Every name of the IANA time zone database works on every server, and one without a meaning costs no event.

use analytics_shared::{clock, parse::time_zone};
use analytics_tests::{fact::Fact, process::binary, world::World};
use chrono_tz::TZ_VARIANTS;
use serde_json::json;
use uuid::Uuid;

/// Names that browsers and old systems report, with the present ones.
const FORMER: [(&str, &str); 6] = [
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Europe/Kiev", "Europe/Kyiv"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("US/Eastern", "America/New_York"),
    ("CET", "Europe/Brussels"),
];

/// An event of a tenant with a view.
async fn viewed_event(world: &World) -> (Uuid, Uuid) {
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let caller = world.write().of_tenant(tenant);
    caller.store(&Fact::view(event)).await;
    (tenant, event)
}

#[tokio::test]
async fn a_dashboard_is_read_in_a_zone_with_a_former_name() {
    let world = World::start().await;
    let (tenant, event) = viewed_event(&world).await;
    for (former, present) in FORMER {
        let dashboard = world
            .dashboard(tenant, event, &format!("?timezone={former}"))
            .await;
        assert_eq!(
            (dashboard.timezone.as_str(), dashboard.views()),
            (present, [1, 1])
        );
        let organization = format!("/organizations/{tenant}/report?timezone={former}");
        let report = world.read().of_tenant(tenant).read(&organization).await;
        assert_eq!(report["timezone"], present);
    }
    world.end().await;
}

#[tokio::test]
async fn the_database_knows_every_name_that_is_accepted() {
    let world = World::start().await;
    for zone in TZ_VARIANTS {
        let name = time_zone::parse(zone.name()).unwrap().name();
        let known = format!("SELECT COUNT(NOW() AT TIME ZONE '{name}')");
        assert_eq!(world.database.number(&known).await, 1, "{zone}");
    }
    world.end().await;
}

#[tokio::test]
async fn an_event_in_a_zone_with_a_former_name_is_registered() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    for (former, present) in FORMER {
        let event = world.publish_event(tenant, Some(former)).await;
        world.write().anonymous().store(&Fact::view(event)).await;
        let dashboard = world.dashboard(tenant, event, "").await;
        assert_eq!(
            (dashboard.timezone.as_str(), dashboard.views()),
            (present, [1, 1])
        );
    }
    world.end().await;
}

#[tokio::test]
async fn an_event_in_a_zone_without_a_meaning_is_registered_without_a_zone_and_logged() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let message = |event: Uuid, zone: serde_json::Value| {
        json!({"eventId": event, "tenantId": tenant, "title": "T", "timezone": zone,
               "occurredAt": clock::now()})
    };
    for zone in [
        json!("Mars/Olympus"),
        json!("UTC+3"),
        json!(""),
        json!(null),
        json!(3),
    ] {
        let event = Uuid::now_v7();
        world
            .broker
            .publish("event.published", &message(event, zone))
            .await;
        let registered = format!(
            "SELECT COUNT(*) FROM analytics_service.tracked_events
             WHERE event_id = '{event}' AND timezone IS NULL"
        );
        world.until(&registered, 1).await;
        assert_eq!(world.dashboard(tenant, event, "").await.timezone, "UTC");
    }
    assert_eq!(world.broker.waiting(".dead-letters").await, 0);
    let metrics = reqwest::get(world.ingest.management_url("/metrics"))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("analytics_ingest_dropped_properties_total 3"),
        "{metrics}"
    );
    let logged = world.ingest.logged();
    assert!(
        logged.contains("timezone") && !logged.contains("Mars"),
        "{logged}"
    );
    world.end().await;
}

#[tokio::test]
async fn the_default_zone_may_have_a_former_name_and_a_meaningless_one_is_refused_at_the_start() {
    let world = World::start_with(&[("DEFAULT_TIMEZONE", "Europe/Kiev")]).await;
    viewed_event(&world).await;
    for program in ["analytics-ingest", "analytics-query"] {
        let mut serve = tokio::process::Command::new(binary(program));
        let serve = serve.env("DATABASE_URL", &world.database.query_url);
        let secret = "a secret of thirty-two bytes for tests";
        let serve = serve.env("JWT_SECRET", secret);
        let serve = serve.env("SESSION_SECRET", secret);
        let ended = serve
            .env("DEFAULT_TIMEZONE", "Mars/Olympus")
            .output()
            .await
            .unwrap();
        let error = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(
            !ended.status.success() && error.contains("must be an IANA time zone"),
            "{error}"
        );
    }
    world.end().await;
}
