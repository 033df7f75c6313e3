//! An organization finds its events: by text, by their time, page by page, published or not, and no others.

use analytics_shared::clock;
use analytics_tests::{api::problem, fact::Fact, world::World};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

/// Publishes an event and waits until it is registered.
async fn publish(
    world: &World,
    tenant: Uuid,
    [title, slug]: [&str; 2],
    starts_at: DateTime<Utc>,
) -> Uuid {
    let event = Uuid::now_v7();
    let body = json!({
        "eventId": event, "tenantId": tenant, "title": title, "slug": slug, "startsAt": starts_at,
        "timezone": "Pacific/Auckland", "publishedAt": "2026-01-02T09:00:00Z",
        "occurredAt": "2026-01-02T09:00:00Z",
    });
    world.broker.publish("event.published", &body).await;
    let registered =
        format!("SELECT COUNT(*) FROM analytics_service.tracked_events WHERE event_id = '{event}'");
    world.until(&registered, 1).await;
    event
}

async fn list(world: &World, tenant: Uuid, query: &str) -> Value {
    let path = format!("/organizations/{tenant}/events{query}");
    world.read().of_tenant(tenant).read(&path).await
}

fn ids(list: &Value) -> Vec<Uuid> {
    let events = list["events"].as_array().unwrap().iter();
    events
        .map(|event| event["eventId"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn events_are_found_by_text_by_time_and_page_by_page() {
    let world = World::start().await;
    let (tenant, stranger, now) = (Uuid::now_v7(), Uuid::now_v7(), clock::now());
    let days = |days| now + TimeDelta::days(days);
    let past = publish(&world, tenant, ["Ночь музеев", "museums"], days(-30)).await;
    let soon = publish(
        &world,
        tenant,
        ["Rust 100% Conference", "rust-2026"],
        days(10),
    )
    .await;
    let later = publish(&world, tenant, ["حفل موسيقي", "concert"], days(40)).await;
    let foreign = publish(&world, stranger, ["Rust at home", "rust"], days(10)).await;
    // Facts of a tenant about an event that it has not published.
    let unpublished = Uuid::now_v7();
    let own = world.write().of_tenant(tenant);
    let day = now - TimeDelta::days(3);
    own.store(&Fact::new("newsletter.opened", unpublished).at(day))
        .await;
    own.store(&Fact::new("newsletter.opened", unpublished))
        .await;

    let all = list(&world, tenant, "").await;
    assert_eq!(ids(&all), [later, soon, past, unpublished]);
    assert_eq!(
        (&all["page"], &all["size"], &all["totalElements"]),
        (&json!(0), &json!(20), &json!(4))
    );
    assert_eq!(
        ids(&list(&world, tenant, "?when=upcoming").await),
        [soon, later]
    );
    assert_eq!(ids(&list(&world, tenant, "?when=past").await), [past]);
    for (search, expected) in [
        ("rust", vec![soon]),
        ("RUST-2026", vec![soon]),
        ("100%25", vec![soon]),
        ("_", vec![]),
        ("%25%25", vec![]),
        ("НОЧЬ", vec![past]),
        ("%20museums%20", vec![past]),
        ("موسيقي", vec![later]),
        ("", vec![later, soon, past, unpublished]),
        ("nothing%27%3B--", vec![]),
    ] {
        let found = list(&world, tenant, &format!("?q={search}")).await;
        assert_eq!(ids(&found), expected, "{search}");
        assert_eq!(found["totalElements"], expected.len());
    }
    let second = list(&world, tenant, "?page=1&size=3").await;
    assert_eq!(
        (ids(&second), &second["totalElements"]),
        (vec![unpublished], &json!(4))
    );
    let beyond = list(&world, tenant, "?page=4000000000&size=100").await;
    assert_eq!(
        (ids(&beyond), &beyond["totalElements"]),
        (vec![], &json!(4))
    );

    let entry = &all["events"][3];
    let date = |time: DateTime<Utc>| json!(time.date_naive());
    assert_eq!(
        (&entry["title"], &entry["startsAt"], &entry["publishedAt"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&entry["firstFactOn"], &entry["lastFactOn"]),
        (&date(day), &date(now))
    );
    assert_eq!(entry["timezone"], "UTC");
    let entry = &all["events"][1];
    assert_eq!(
        (&entry["title"], &entry["slug"]),
        (&json!("Rust 100% Conference"), &json!("rust-2026"))
    );
    assert_eq!(
        (&entry["timezone"], &entry["firstFactOn"]),
        (&json!("Pacific/Auckland"), &Value::Null)
    );
    assert!(
        entry["publishedAt"]
            .as_str()
            .unwrap()
            .starts_with("2026-01-02T09:00:00")
    );
    assert_eq!(ids(&list(&world, stranger, "?q=rust").await), [foreign]);
    world.end().await;
}

#[tokio::test]
async fn an_event_is_upcoming_until_its_day_ends_in_its_time_zone() {
    let world = World::start().await;
    let (tenant, now) = (Uuid::now_v7(), clock::now());
    let zone = chrono_tz::Pacific::Auckland;
    let midnight = now
        .with_timezone(&zone)
        .date_naive()
        .and_hms_opt(0, 0, 0)
        .unwrap();
    let start_of_today = midnight.and_local_timezone(zone).unwrap().to_utc();
    let today = publish(&world, tenant, ["Today", "today"], start_of_today).await;
    let before = start_of_today - TimeDelta::seconds(1);
    let yesterday = publish(&world, tenant, ["Yesterday", "yesterday"], before).await;
    assert_eq!(ids(&list(&world, tenant, "?when=upcoming").await), [today]);
    assert_eq!(ids(&list(&world, tenant, "?when=past").await), [yesterday]);
    world.end().await;
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_again_and_a_fact_changes_it() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let api = world.read().of_tenant(tenant);
    let path = format!("/organizations/{tenant}/events");
    let etag = async || {
        api.get(&path).await.headers()["etag"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    let first = etag().await;
    let unchanged = api.get_with(&path, "If-None-Match", &first).await;
    assert_eq!(unchanged.status(), 304);
    world.write().store(&Fact::view(event)).await;
    assert_ne!(etag().await, first);
    world.end().await;
}

#[tokio::test]
async fn a_list_of_another_organization_is_404_and_an_invalid_parameter_is_named() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    world.publish_event(stranger, None).await;
    let api = world.read().of_tenant(tenant);
    let get = async |organization: Uuid, query: &str| {
        let path = format!("/organizations/{organization}/events{query}");
        problem(api.get(&path).await).await
    };
    let foreign = get(stranger, "").await;
    assert_eq!(foreign, get(Uuid::now_v7(), "").await);
    assert_eq!(
        (foreign.0.as_u16(), &foreign.1["code"]),
        (404, &json!("unknown_organization"))
    );
    let long = format!("?q={}", "x".repeat(201));
    for (query, status, field) in [
        (long.as_str(), 422, "q"),
        ("?q=a%00b", 422, "q"),
        ("?when=soon", 400, "when"),
        ("?page=-1", 400, "page"),
        ("?size=0", 422, "size"),
        ("?size=101", 422, "size"),
    ] {
        let (answered, problem) = get(tenant, query).await;
        assert_eq!(
            (answered.as_u16(), &problem["errors"][0]["field"]),
            (status, &json!(field)),
            "{query}"
        );
    }
    assert_eq!(list(&world, tenant, "").await["events"], json!([]));
    let administrator = world.read().with_role("ADMIN");
    let read: Value = administrator
        .read(&format!("/organizations/{stranger}/events"))
        .await;
    assert_eq!(read["totalElements"], 1);
    world.end().await;
}
