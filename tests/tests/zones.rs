//! Days are counted in the zone of the event, also if it becomes known later. `calendar` tests the days of zones.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use chrono::Duration;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn days_are_counted_anew_when_the_zone_becomes_known() {
    let world = World::start().await;
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    let today = clock::now().date_naive();
    // 23:30 in UTC is the next day in Kathmandu, and the same day in New York.
    let at = (today - Duration::days(3))
        .and_hms_opt(23, 30, 0)
        .unwrap()
        .and_utc();
    let view = Fact::view(event).at(at).visitor("v");
    world.write().of_tenant(tenant).track(&view).await;
    let publish = async |zone: Option<&str>, published_at: &str| {
        let mut body = json!({"eventId": event, "tenantId": tenant, "title": "T", "slug": "t",
            "startsAt": "2026-11-20T08:00:00Z", "publishedAt": published_at, "occurredAt": published_at});
        if let Some(zone) = zone {
            body["timezone"] = zone.into();
        }
        world.broker.publish("event.published", &body).await;
    };
    let day_of_view = async || {
        let dashboard = world.dashboard(tenant, event, "").await;
        assert_eq!(dashboard.views(), [1, 1]);
        dashboard.by_day[0].date
    };
    assert_eq!(day_of_view().await, at.date_naive());
    let zone_is = |zone: &str| {
        format!("SELECT COUNT(*) FROM analytics_service.tracked_events WHERE timezone = '{zone}'")
    };
    publish(Some("Asia/Kathmandu"), "2026-01-01T00:00:00Z").await;
    world.until(&zone_is("Asia/Kathmandu"), 1).await;
    assert_eq!(day_of_view().await, at.date_naive() + Duration::days(1));
    publish(Some("America/New_York"), "2026-01-02T00:00:00Z").await;
    world.until(&zone_is("America/New_York"), 1).await;
    assert_eq!(day_of_view().await, at.date_naive());
    // An older message that arrives late changes nothing, nor does a newer one without a zone. The last event
    // is behind them in the queue: when it is registered, they are settled.
    publish(Some("Asia/Tokyo"), "2026-01-01T12:00:00Z").await;
    publish(None, "2026-01-03T00:00:00Z").await;
    world.publish_event(tenant, None).await;
    assert_eq!(world.database.number(&zone_is("America/New_York")).await, 1);
    assert_eq!(day_of_view().await, at.date_naive());
    world.end().await;
}
