//! A day is the day of the event's own zone, whenever that becomes known.

use analytics_shared::clock;
use analytics_tests::world::World;
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::{America::New_York, Tz};
use serde_json::json;
use uuid::Uuid;

/// The latest day on which clocks in `zone` were changed, and how long it was.
fn last_clock_change(zone: Tz) -> (NaiveDate, Duration) {
    let begin = |day: NaiveDate| {
        zone.from_local_datetime(&day.and_time(NaiveTime::MIN))
            .earliest()
            .unwrap()
    };
    let mut day = clock::now().date_naive() - Duration::days(2);
    loop {
        let length = begin(day + Duration::days(1)).signed_duration_since(begin(day));
        if length != Duration::hours(24) {
            return (day, length);
        }
        day = day.pred_opt().unwrap();
    }
}

#[tokio::test]
async fn a_clock_change_day_in_new_york_has_all_its_hours_and_no_others() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("America/New_York")).await;
    let (day, length) = last_clock_change(New_York);
    let midnight = New_York
        .from_local_datetime(&day.and_time(NaiveTime::MIN))
        .unwrap()
        .with_timezone(&Utc);
    // One view an hour, from an hour before the day to an hour after it.
    let mut hour = -1;
    while Duration::hours(hour) <= length {
        let at: DateTime<Utc> = midnight + Duration::hours(hour);
        let view = json!({"eventType": "page.view", "eventId": event, "createdAt": at});
        world.write().track(&view).await;
        hour += 1;
    }
    let query = format!("?dateFrom={day}&dateTo={day}");
    let own_zone = world.dashboard(tenant, event, &query).await;
    assert_eq!(own_zone["totalViews"], length.num_hours(), "{day}");
    // The same hours, asked for in a zone with the same clock: from the facts, not the rollup.
    let raw = world
        .dashboard(tenant, event, &format!("{query}&timezone=America/Toronto"))
        .await;
    assert_eq!(raw["byDay"], own_zone["byDay"]);
    // The same date in UTC begins some hours earlier, before the first view.
    let utc = world
        .dashboard(tenant, event, &format!("{query}&timezone=UTC"))
        .await;
    assert_eq!(utc["totalViews"], 24 - (midnight.hour() - 1));
    world.end().await;
}

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
    let view = json!({"eventType": "page.view", "eventId": event, "createdAt": at,
                      "properties": {"visitorId": "v"}});
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
        assert_eq!(
            (&dashboard["totalViews"], &dashboard["uniqueViews"]),
            (&json!(1), &json!(1))
        );
        dashboard["byDay"][0]["date"]
            .as_str()
            .unwrap()
            .parse::<NaiveDate>()
            .unwrap()
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
    // An old word that comes late changes nothing, nor does a new one that names no zone. The last
    // event is behind them in the queue: when it is registered, they are settled.
    publish(Some("Asia/Tokyo"), "2026-01-01T12:00:00Z").await;
    publish(None, "2026-01-03T00:00:00Z").await;
    world.publish_event(tenant, None).await;
    assert_eq!(world.database.number(&zone_is("America/New_York")).await, 1);
    assert_eq!(day_of_view().await, at.date_naive());
    world.end().await;
}
