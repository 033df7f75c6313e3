//! A number in JSON is stored as it was or refused, and never as another number.

use analytics_tests::{api::problem, world::World};
use serde_json::Value;
use uuid::Uuid;

#[tokio::test]
async fn a_number_is_kept_as_it_was_or_refused_with_its_field() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let post = async |path: &str, body: String| {
        let request = world
            .write()
            .of_tenant(tenant)
            .request_bytes(path, "application/json", body);
        request.send().await.unwrap()
    };
    let view = |number: &str| {
        format!(
            r#"{{"eventType":"page.view","eventId":"{event}","properties":{{"deep":[{{"number":{number}}}]}}}}"#
        )
    };
    let kept = [
        "0",
        "-0",
        "9007199254740993",
        "18446744073709551615",
        "-9223372036854775808",
        "0.1",
        "1.10",
        "1e-7",
        "100000000000000000000000",
    ];
    for number in kept {
        assert_eq!(post("/track", view(number)).await.status(), 202, "{number}");
        let stored = format!(
            "SELECT COUNT(*) FROM analytics_service.analytics_events
             WHERE (properties #>> '{{deep,0,number}}')::NUMERIC = {number}::NUMERIC"
        );
        assert!(world.database.number(&stored).await > 0, "{number}");
    }
    for number in [
        "18446744073709551617",
        "12345678901234567890123",
        "0.12345678901234567890",
        "9007199254740993.5",
        "1e-400",
    ] {
        let (status, body) = problem(post("/track", view(number)).await).await;
        assert_eq!(status, 422, "{number}");
        assert_eq!(
            body["errors"][0]["field"], "properties.deep.0.number",
            "{number}"
        );
        let batch = format!("[{},{}]", view(number), view("1"));
        let receipts: Value = post("/track/batch", batch).await.json().await.unwrap();
        assert_eq!(
            receipts["receipts"][0]["error"]["field"],
            "properties.deep.0.number"
        );
        assert_eq!(receipts["receipts"][1]["status"], "stored");
    }
    world.end().await;
}
