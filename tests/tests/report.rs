//! The report's list of events: complete, in the order that was asked for, a page at a time.

use analytics_tests::world::World;
use serde_json::{Value, json};
use uuid::Uuid;

fn column(page: &Value, name: &str) -> Vec<Value> {
    page["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event[name].clone())
        .collect()
}

#[tokio::test]
async fn events_come_in_pages_in_the_order_that_was_asked_for() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let mut events = Vec::new();
    for views in [2, 0, 4, 1, 3] {
        let event = world.publish_event(tenant, None).await;
        for _ in 0..views {
            world
                .write()
                .track(&json!({"eventType": "page.view", "eventId": event}))
                .await;
        }
        events.push((views, event));
    }
    let read = world.read().of_tenant(tenant);
    let report = |query: &'static str| {
        let read = read.clone();
        async move {
            read.read(&format!("/organizations/{tenant}/report{query}"))
                .await
        }
    };
    let mut pages = Vec::new();
    for query in [
        "?size=2&sort=totalViews,desc",
        "?size=2&page=1&sort=totalViews,desc",
        "?size=2&page=2&sort=totalViews,desc",
    ] {
        let page = report(query).await;
        assert_eq!(page["totalElements"], 5);
        assert_eq!(
            page["totals"]["totalViews"], 10,
            "the totals are of all pages"
        );
        pages.push(column(&page, "totalViews"));
    }
    assert_eq!(
        pages,
        [
            vec![json!(4), json!(3)],
            vec![json!(2), json!(1)],
            vec![json!(0)]
        ]
    );
    assert_eq!(
        column(&report("?page=3&size=2").await, "eventId"),
        Vec::<Value>::new()
    );
    let ascending = column(&report("?sort=totalViews,asc").await, "eventId");
    events.sort_unstable();
    let expected: Vec<Value> = events.iter().map(|(_, event)| json!(event)).collect();
    assert_eq!(ascending, expected);
    world.end().await;
}

#[tokio::test]
async fn every_answer_has_exactly_its_fields() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let registration = json!({"eventType": "registration.completed", "eventId": event,
        "properties": {"registrationId": "r", "ticketTypeName": "VIP"}});
    world.write().of_tenant(tenant).track(&registration).await;
    let payment = json!({"eventType": "payment.completed", "eventId": event,
        "properties": {"paymentId": "p", "amountCents": 100, "currency": "EUR"}});
    world.write().of_tenant(tenant).track(&payment).await;
    let read = world.read().of_tenant(tenant);
    let mut shape = String::new();
    for path in [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ] {
        fields(&read.read(&path).await, "", &mut shape);
        shape.push('\n');
    }
    insta::assert_snapshot!(shape);
    world.end().await;
}

/// The names of all fields, sorted, with those of the first element of each list.
fn fields(value: &Value, indent: &str, text: &mut String) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                text.extend([indent, name, "\n"]);
                fields(value, &format!("{indent}  "), text);
            }
        }
        Value::Array(values) => {
            if let Some(first) = values.first() {
                fields(first, indent, text);
            }
        }
        _ => {}
    }
}
