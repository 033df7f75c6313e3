//! A time is read in every form that serializers write, and the receipt says what is stored.

use analytics_shared::clock;
use analytics_tests::{api::problem, fact::Fact, world::World};
use chrono::{DateTime, Duration, FixedOffset, SubsecRound, Timelike, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// The forms of an instant, each with the instant that is stored.
fn forms(now: DateTime<Utc>) -> Vec<(String, DateTime<Utc>)> {
    let moscow = now.with_timezone(&FixedOffset::east_opt(3 * 3_600).unwrap());
    let shown = |pattern: &str| moscow.format(pattern).to_string();
    let micros = now.trunc_subsecs(6);
    let seconds = now.trunc_subsecs(0);
    let minute = seconds.with_second(0).unwrap();
    vec![
        // Java's Instant, OffsetDateTime and ZonedDateTime, also of a full minute.
        (now.format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string(), micros),
        (shown("%Y-%m-%dT%H:%M+03:00"), minute),
        (shown("%Y-%m-%dT%H:%M:%S+03:00[Europe/Moscow]"), seconds),
        // .NET, with seven digits.
        (shown("%Y-%m-%dT%H:%M:%S%.6f0%:z"), micros),
        // Go and Python.
        (shown("%Y-%m-%dT%H:%M:%S%.9f%:z"), micros),
        (shown("%Y-%m-%d %H:%M:%S%.6f%:z"), micros),
        // PHP.
        (shown("%Y-%m-%dT%H:%M:%S%z"), seconds),
        (shown("%Y-%m-%dT%H:%M:%S%:z"), seconds),
        // JavaScript, PostgreSQL, and a short offset.
        (
            now.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            now.trunc_subsecs(3),
        ),
        (now.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string(), micros),
        (shown("%Y-%m-%dT%H:%M:%S+03"), seconds),
        // A leap second is the second after it.
        (
            minute.format("%Y-%m-%dT%H:%M:60Z").to_string(),
            minute + Duration::minutes(1),
        ),
    ]
}

#[tokio::test]
async fn every_form_of_an_instant_is_read_and_the_receipt_says_what_is_stored() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let write = world.write().of_tenant(tenant);
    let forms = forms(clock::now() - Duration::minutes(3));
    for (text, expected) in &forms {
        let receipt = write.track(&Fact::view(event).at(text)).await;
        assert_eq!(receipt.created_at, Some(*expected), "{text}");
    }
    let batch: Vec<Value> = forms
        .iter()
        .map(|(text, _)| Fact::view(event).at(text).into())
        .collect();
    let receipts: Value = write
        .post("/track/batch", &json!(batch))
        .await
        .json()
        .await
        .unwrap();
    for (index, (text, expected)) in forms.iter().enumerate() {
        let stored: DateTime<Utc> =
            serde_json::from_value(receipts["receipts"][index]["createdAt"].clone()).unwrap();
        assert_eq!(stored, *expected, "{text}");
    }
    for (index, (text, _)) in forms.iter().enumerate() {
        let created = json!({"registrationId": format!("r{index}"), "eventId": event, "tenantId": tenant, "occurredAt": text});
        world.broker.publish("registration.created", &created).await;
    }
    world
        .until_stored(3 * i64::try_from(forms.len()).unwrap())
        .await;
    for (index, (text, expected)) in forms.iter().enumerate() {
        let stored = format!(
            "SELECT COUNT(*) FROM analytics_service.analytics_events
             WHERE properties ->> 'registrationId' = 'r{index}' AND created_at = '{}'",
            expected.to_rfc3339()
        );
        assert_eq!(world.database.number(&stored).await, 1, "{text}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_local_time_is_a_start_in_the_zone_of_the_event_and_no_time_of_a_fact() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    for (zone, local, expected) in [
        (
            Some("Asia/Tokyo"),
            "2026-12-01T10:00:00",
            "2026-12-01T01:00:00Z",
        ),
        (
            Some("Europe/Berlin"),
            "2026-07-01 10:00",
            "2026-07-01T08:00:00Z",
        ),
        (Some("Europe/Berlin"), "2026-12-01", "2026-11-30T23:00:00Z"),
        (None, "2026-12-01T10:00:00.000", "2026-12-01T10:00:00Z"),
        (
            Some("Mars/Olympus"),
            "2026-12-01T10:00",
            "2026-12-01T10:00:00Z",
        ),
        (
            Some("Asia/Tokyo"),
            "2026-12-01T10:00:00+03:00",
            "2026-12-01T07:00:00Z",
        ),
    ] {
        let event = Uuid::now_v7();
        let published = json!({"eventId": event, "tenantId": tenant, "title": "T", "timezone": zone,
            "startsAt": local, "occurredAt": clock::now()});
        world.broker.publish("event.published", &published).await;
        let starts = format!(
            "SELECT COUNT(*) FROM analytics_service.tracked_events
             WHERE event_id = '{event}' AND starts_at = '{expected}'"
        );
        world.until(&starts, 1).await;
    }
    let event = world.publish_event(tenant, None).await;
    let local = (clock::now() - Duration::minutes(1))
        .format("%Y-%m-%dT%H:%M:%S")
        .to_string();
    let created =
        json!({"registrationId": "r", "eventId": event, "tenantId": tenant, "occurredAt": local});
    world.broker.publish("registration.created", &created).await;
    let reason = world.broker.dead_letter_reason().await;
    assert!(
        reason.starts_with("occurredAt: has no offset from UTC"),
        "{reason}"
    );
    for time in [
        json!(local),
        json!("yesterday"),
        json!("2026-11-03"),
        json!(1_793_700_930),
    ] {
        let view = Fact::view(event).at(&time);
        let (status, body) =
            problem(world.write().of_tenant(tenant).post("/track", &view).await).await;
        assert_eq!(
            (status.as_u16(), &body["errors"][0]["field"]),
            (422, &json!("createdAt")),
            "{body}"
        );
    }
    world.until_stored(0).await;
    world.end().await;
}
