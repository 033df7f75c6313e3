//! The script of event pages sends the views of their visitors.

use std::process::Command;

use analytics_tests::world::World;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const SCRIPT: &str = "/api/v1/analytics/track.js";
/// The maximum size of the script, compressed, in bytes.
const MAX_BYTES: usize = 1_000;

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

/// Loads a page with these attributes of the script, and lets a visitor act.
fn visit(world: &World, attributes: &Value, actions: &Value) -> Value {
    let output = Command::new(format!("{ROOT}/dev/node"))
        .arg(format!("{ROOT}/tests/checks/event_page.mjs"))
        .args([
            &world.ingest.url(SCRIPT),
            &attributes.to_string(),
            &actions.to_string(),
        ])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Event type, source and visitor of the stored facts, in the order of time.
async fn stored(world: &World, event: Uuid) -> Vec<(String, String, Option<String>)> {
    let sql = format!(
        "SELECT event_type, properties ->> 'source', properties ->> 'visitorId'
         FROM analytics_service.analytics_events WHERE event_id = '{event}' ORDER BY created_at"
    );
    let rows = world.database.rows(&sql).await;
    let text = |row: &sea_orm::QueryResult, at| row.try_get_by_index(at).unwrap();
    rows.iter()
        .map(|row| (text(row, 0), text(row, 1), row.try_get_by_index(2).unwrap()))
        .collect()
}

#[tokio::test]
async fn the_script_of_event_pages_is_small_and_kept_by_browsers_and_proxies() {
    let world = World::start().await;
    let http = reqwest::Client::new();
    let get = |headers: &[(&str, &str)]| {
        let request = http.get(world.ingest.url(SCRIPT));
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        request.send()
    };
    let plain = get(&[]).await.unwrap();
    assert_eq!(plain.status(), StatusCode::OK);
    assert_eq!(
        header(&plain, "content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        header(&plain, "cross-origin-resource-policy"),
        "cross-origin"
    );
    assert_eq!(header(&plain, "cache-control"), "public, max-age=3600");
    assert_eq!(header(&plain, "vary"), "Accept-Encoding");
    assert!(!plain.headers().contains_key("set-cookie"));
    let etag = header(&plain, "etag").to_owned();

    let compressed = get(&[("accept-encoding", "gzip")]).await.unwrap();
    assert_eq!(header(&compressed, "content-encoding"), "gzip");
    let size = compressed.bytes().await.unwrap().len();
    println!("track.js has {size} bytes, compressed");
    assert!(size < MAX_BYTES, "{size} bytes");

    let known = get(&[("if-none-match", &etag)]).await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_sends_its_views_and_those_of_its_navigation_without_a_cookie() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let actions = json!([
        ["visit", "/register"],
        ["start"],
        ["visit", "/register"],
        ["submit"]
    ]);
    let page = visit(&world, &json!({"event": event}), &actions);
    assert_eq!(page["sent"], 3, "{page}");
    assert_eq!(page["cookies"], json!([]));
    assert_eq!(
        (&page["visitorId"], &page["field"]),
        (&Value::Null, &json!(""))
    );
    let facts = stored(&world, event).await;
    let types: Vec<_> = facts
        .iter()
        .map(|(kind, source, _)| (kind.as_str(), source.as_str()))
        .collect();
    let expected = ["page.view", "page.view", "registration.started"];
    assert_eq!(types, expected.map(|kind| (kind, "newsletter")));
    // A cookieless daily id.
    assert_eq!(world.dashboard(tenant, event, "").await.unique_views, 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_sends_a_fact_again_when_the_network_fails_and_it_is_stored_once() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let actions = json!([["offline", 1], ["visit", "/register"], ["wait", 1500]]);
    let page = visit(&world, &json!({"event": event}), &actions);
    assert_eq!(
        (&page["failed"], &page["sent"]),
        (&json!(1), &json!(2)),
        "{page}"
    );
    assert_eq!(stored(&world, event).await.len(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_keeps_a_visitor_id_for_the_tab_only_if_it_asks_for_it() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let attributes = json!({"event": event, "visitor": "session"});
    let actions = json!([["visit", "/register"], ["hash", "#form"], ["submit"]]);
    let page = visit(&world, &attributes, &actions);
    assert_eq!(
        (&page["sent"], &page["cookies"]),
        (&json!(3), &json!([])),
        "{page}"
    );
    let visitor = page["visitorId"].as_str().unwrap();
    assert_eq!((page["field"].as_str(), visitor.len()), (Some(visitor), 32));
    let facts = stored(&world, event).await;
    assert!(
        facts
            .iter()
            .all(|(_, _, id)| id.as_deref() == Some(visitor)),
        "{facts:?}"
    );
    // Another tab is another visitor; who does not want to be recognized has no id.
    let other = visit(&world, &attributes, &json!([]));
    assert_ne!(other["visitorId"], page["visitorId"]);
    for navigator in [
        json!({"globalPrivacyControl": true}),
        json!({"doNotTrack": "1"}),
    ] {
        let attributes = json!({"event": event, "visitor": "session", "navigator": navigator});
        let page = visit(&world, &attributes, &json!([["submit"]]));
        assert_eq!(
            (&page["visitorId"], &page["field"]),
            (&Value::Null, &json!(""))
        );
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn visits_of_the_organizer_are_not_sent() {
    let world = World::start().await;
    let event = world.publish_event(Uuid::now_v7(), None).await;
    let actions = json!([
        ["hash", "#analytics-off"],
        ["visit", "/a"],
        ["hash", ""],
        ["start"],
        ["visit", "/b"],
        ["hash", "#analytics-on"]
    ]);
    let page = visit(&world, &json!({"event": event}), &actions);
    // Before and after the opt-out.
    assert_eq!(page["sent"], 2, "{page}");
    assert_eq!(stored(&world, event).await.len(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_names_its_write_key() {
    let world = World::start_with(&[("REQUIRE_WRITE_KEY", "true")]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let service = world.write().with_role("SERVICE");
    let created = service
        .post("/write-keys", &json!({"tenantId": tenant}))
        .await;
    let created: Value = created.json().await.unwrap();
    let key = created["key"].as_str().unwrap();
    let path = format!("/track?writeKey={key}");
    // A new key is active within 10 seconds.
    while service.anonymous().post(&path, &json!({})).await.status() == StatusCode::UNAUTHORIZED {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let page = visit(
        &world,
        &json!({"event": event, "writeKey": key}),
        &json!([]),
    );
    assert_eq!(page["sent"], 1, "{page}");
    assert_eq!(stored(&world, event).await.len(), 1);
    world.end().await;
}
