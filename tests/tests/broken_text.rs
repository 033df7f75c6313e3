//! A text that is broken or too long costs no fact: it is dropped, stored with U+FFFD, or cut.

use analytics_shared::clock;
use analytics_tests::{api::problem, fact::Fact, world::World};
use serde_json::{Value, json};
use uuid::Uuid;

/// The beginning of an emoji.
const HALF: &str = r"\ud83c";

#[tokio::test]
async fn a_broken_text_that_is_dropped_anyway_does_not_cost_the_message() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for (index, broken) in [HALF, r"\u0000", "\0", "\t\n", r"\udf89\ud83c"]
        .into_iter()
        .enumerate()
    {
        let now = clock::now().to_rfc3339();
        let body = format!(
            r#"{{"registrationId":"r{index}","eventId":"{event}","tenantId":"{tenant}","occurredAt":"{now}",
                "firstName":"Anna {broken}"}}"#
        );
        // Once as it is, and once as JSON in a JSON string.
        world
            .broker
            .publish_bytes("registration.created", body.as_bytes())
            .await;
        let inner = body
            .replace(":\"r", ":\"s")
            .replace('\0', "")
            .replace('\t', "\\t");
        let wrapped = Value::from(inner).to_string();
        world
            .broker
            .publish_bytes("registration.created", wrapped.as_bytes())
            .await;
    }
    let mut not_utf8 = format!(
        r#"{{"registrationId":"u","eventId":"{event}","tenantId":"{tenant}","occurredAt":"{}","lastName":""#,
        clock::now().to_rfc3339()
    )
    .into_bytes();
    not_utf8.extend_from_slice(b"\xff\xf0\x9f\"}");
    world
        .broker
        .publish_bytes("registration.created", &not_utf8)
        .await;
    world.until_stored(11).await;
    assert_eq!(world.broker.waiting(".dead-letters").await, 0);
    world.end().await;
}

#[tokio::test]
async fn a_broken_text_that_is_kept_is_stored_with_a_replacement_character() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = Uuid::now_v7();
    let now = clock::now().to_rfc3339();
    let body = format!(
        r#"{{"eventId":"{event}","tenantId":"{tenant}","occurredAt":"{now}","title":"Rock {HALF}","slug":"a\u0000b"}}"#
    );
    world
        .broker
        .publish_bytes("event.published", body.as_bytes())
        .await;
    let registered = "SELECT COUNT(*) FROM analytics_service.tracked_events
        WHERE title = 'Rock \u{fffd}' AND slug = 'a\u{fffd}b'";
    world.until(registered, 1).await;
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.title.as_deref(), Some("Rock \u{fffd}"));

    let post = async |path: &str, content_type: &str, body: String| {
        let request = world
            .write()
            .of_tenant(tenant)
            .request_bytes(path, content_type, body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 202, "{path}");
        response.json::<Value>().await.unwrap()
    };
    let view = |text: &str| {
        format!(
            r#"{{"eventType":"page.view","eventId":"{event}","properties":{{"source":"s","note":["{text}"]}}}}"#
        )
    };
    for text in [HALF, r"\u0000", "\0", "\t"] {
        post("/track", "application/json", view(text)).await;
        let array = format!("[{},{}]", view(text), view("fine"));
        let receipts = post("/track/batch", "application/json", array).await;
        assert_eq!(receipts["totals"]["stored"], 2, "{receipts}");
        let lines = format!("{}\n{{\"eventType\": \"\n{}", view(text), view("fine"));
        let receipts = post("/track/batch", "application/x-ndjson", lines).await;
        assert_eq!(
            (
                &receipts["totals"]["stored"],
                &receipts["totals"]["rejected"]
            ),
            (&json!(2), &json!(1))
        );
    }
    world.until_stored(4 * 5).await;
    let broken = "SELECT COUNT(*) FROM analytics_service.analytics_events
        WHERE properties -> 'note' ->> 0 = U&'\\FFFD'";
    assert_eq!(world.database.number(broken).await, 9);
    world.end().await;
}

#[tokio::test]
async fn a_description_that_is_too_long_is_cut_and_the_receipt_says_so() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let long = "я".repeat(10_000);
    let url = format!("https://example.org/{long}");
    let view = Fact::view(event)
        .property("utmSource", &long)
        .property("ticketTypeName", &long);
    let view = view.property("referrer", &url).property("title", &long);
    for sender in [world.write().anonymous(), world.write().of_service(tenant)] {
        let receipt = sender.track(&view).await;
        assert_eq!(receipt.status, "stored");
        assert_eq!(receipt.cut_properties, ["ticketTypeName", "utmSource"]);
        let batch: Value = sender
            .post("/track/batch", &json!([view]))
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(
            batch["receipts"][0]["cutProperties"],
            json!(["ticketTypeName", "utmSource"]),
            "{batch}"
        );
    }
    world.until_stored(4).await;
    let sources = world.dashboard(tenant, event, "").await.by_source;
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].source, "я".repeat(200));

    let named = json!({"registrationId": "r", "eventId": event, "tenantId": tenant, "source": long,
        "ticketTypeName": long, "occurredAt": clock::now()});
    world.broker.publish("registration.created", &named).await;
    world.until_stored(5).await;
    let title = json!({"eventId": event, "tenantId": tenant, "title": long, "slug": long,
        "occurredAt": clock::now()});
    world.broker.publish("event.published", &title).await;
    let cut =
        "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE title = REPEAT('я', 500)";
    world.until(cut, 1).await;
    let metrics = reqwest::get(world.ingest.management_url("/metrics"))
        .await
        .unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("analytics_ingest_cut_properties_total 12"),
        "{metrics}"
    );
    world.end().await;
}

#[tokio::test]
async fn an_id_that_is_too_long_or_broken_is_an_error_because_it_would_be_another() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let service = world.write().of_service(tenant);
    for name in ["registrationId", "paymentId", "ticketTypeId", "visitorId"] {
        for id in ["i".repeat(201), "i\u{0}".to_owned(), "i\n1".to_owned()] {
            let view = Fact::view(event).property(name, &id);
            let (status, body) = problem(service.post("/track", &view).await).await;
            assert_eq!(status, 422);
            assert_eq!(body["errors"][0]["field"], format!("properties.{name}"));
        }
    }
    let message = json!({"registrationId": "r".repeat(201), "eventId": event, "tenantId": tenant,
        "occurredAt": clock::now()});
    world.broker.publish("registration.created", &message).await;
    let reason = world.broker.dead_letter_reason().await;
    assert!(
        reason.starts_with("properties.registrationId: "),
        "{reason}"
    );
    world.end().await;
}
