//! The report: its list of events is complete, sorted and paged, and its totals are those of all events.

use analytics_shared::clock;
use analytics_tests::{api::problem, fact::Fact, world::World};
use chrono::{Days, Duration};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn events_come_in_pages_in_the_order_that_was_asked_for() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let mut events = Vec::new();
    for views in [2, 0, 4, 1, 3] {
        let event = world.publish_event(tenant, None).await;
        for _ in 0..views {
            world.write().track(&Fact::view(event)).await;
        }
        events.push((views, event));
    }
    let mut pages = Vec::new();
    for query in [
        "?size=2&sort=totalViews,desc",
        "?size=2&page=1&sort=totalViews,desc",
        "?size=2&page=2&sort=totalViews,desc",
    ] {
        let page = world.report(tenant, query).await;
        assert_eq!(page.total_elements, 5);
        assert_eq!(page.totals.total_views, 10, "the totals are of all pages");
        pages.push(page.column(|event| event.total_views));
    }
    assert_eq!(pages, [vec![4, 3], vec![2, 1], vec![0]]);
    assert_eq!(world.report(tenant, "?page=3&size=2").await.events, []);
    let ascending = world.report(tenant, "?sort=totalViews,asc").await;
    events.sort_unstable();
    let expected: Vec<Uuid> = events.into_iter().map(|(_, event)| event).collect();
    assert_eq!(ascending.column(|event| event.event_id), expected);
    world.end().await;
}

/// An event that started two days ago, one that starts in two days, and an unpublished one, in the order of their
/// ids.
async fn events_of(world: &World, tenant: Uuid) -> [Uuid; 3] {
    let events = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
    for (event, days) in events.iter().zip([-2, 2]) {
        let body = json!({"eventId": event, "tenantId": tenant, "title": "A Conference",
            "slug": "a-conference", "startsAt": clock::now() + Duration::days(days),
            "publishedAt": "2026-01-02T09:00:00Z", "occurredAt": "2026-01-02T09:00:00Z"});
        world.broker.publish("event.published", &body).await;
    }
    let registered = format!(
        "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE tenant_id = '{tenant}'"
    );
    world.until(&registered, 2).await;
    events
}

#[tokio::test]
async fn who_stayed_away_and_who_came_again_are_told() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let [over, coming, unknown] = events_of(&world, tenant).await;
    let service = world.write().with_role("SERVICE");
    let facts = [
        ("registration.completed", over, "abce"),
        ("registration.cancelled", over, "c"),
        ("checkin.completed", over, "ab"),
        ("registration.completed", coming, "ad"),
        ("checkin.completed", coming, "a"),
        ("checkin.completed", unknown, "bd"),
    ];
    for (event_type, event, people) in facts {
        for person in people.bytes() {
            let fact = Fact::new(event_type, event)
                .tenant(tenant)
                .user(Uuid::from_u128(person.into()))
                .registration(format!("{event} {person}"));
            service.store(&fact).await;
        }
    }
    let report = world.report(tenant, "?sort=noShows,desc").await;
    let ids = report.column(|event| event.event_id);
    assert_eq!(ids, [over, coming, unknown]);
    // Three of four are still registered, and two of them checked in. An event that is not over, or
    // has no start time, has no no-shows.
    let no_shows = report.column(|event| event.no_shows);
    assert_eq!(no_shows, [Some(1), None, None]);
    let rates = report.column(|event| event.cancellation_rate);
    assert_eq!(rates, [Some(0.25), Some(0.0), None]);

    // A period without the day of the event has no no-shows.
    let today = clock::now().date_naive();
    let of_today = format!("?sort=noShows,desc&dateFrom={today}&timezone=UTC");
    let later = world.report(tenant, &of_today).await;
    assert_eq!(later.column(|event| event.no_shows), [None; 3]);

    let totals = &report.totals;
    assert_eq!(totals.no_shows, Some(1));
    assert_eq!(totals.cancellation_rate, Some(1.0 / 6.0));
    // A, B and D checked in, A and B at two events each; the events have two, one and two attendees.
    assert_eq!([totals.checked_in, totals.attendees], [5, 3]);
    assert_eq!(totals.returning_attendees, 2);

    let by_rate = world.report(tenant, "?sort=cancellationRate").await;
    let ids = by_rate.column(|event| event.event_id);
    assert_eq!(ids, [coming, over, unknown]);
    let yesterday = clock::now().date_naive() - Days::new(1);
    let before = world.report(tenant, &format!("?dateTo={yesterday}")).await;
    let nothing = before.totals;
    assert_eq!(nothing.no_shows, Some(0));
    assert_eq!([nothing.attendees, nothing.returning_attendees], [0, 0]);
    assert_eq!(nothing.cancellation_rate, None);
    world.end().await;
}

#[tokio::test]
async fn events_are_in_the_order_of_their_revenue_in_one_currency() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let [over, coming, unknown] = events_of(&world, tenant).await;
    let service = world.write().with_role("SERVICE");
    let payments = [
        (over, 3_000, "EUR"),
        (coming, 2_500, "EUR"),
        (coming, 2_500, "EUR"),
        (coming, 100, "USD"),
        (unknown, 9_000, "USD"),
    ];
    for (n, (event, cents, currency)) in payments.into_iter().enumerate() {
        let payment = Fact::new("payment.completed", event)
            .tenant(tenant)
            .property("paymentId", n.to_string())
            .property("amountCents", cents)
            .property("currency", currency);
        service.store(&payment).await;
    }
    let read = world.read().of_tenant(tenant);
    for (sort, order) in [
        ("revenue.EUR,desc", [coming, over, unknown]),
        ("revenue.EUR,asc", [over, coming, unknown]),
        ("revenue.USD", [coming, unknown, over]),
        ("revenue.CHF,desc", [over, coming, unknown]),
    ] {
        let report = world.report(tenant, &format!("?sort={sort}")).await;
        assert_eq!(report.column(|event| event.event_id), order, "{sort}");
    }
    for sort in ["revenue", "revenue.eur,desc", "revenue.EURO,asc"] {
        let path = format!("/organizations/{tenant}/report?sort={sort}");
        let (status, body) = problem(read.get(&path).await).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{sort}");
        assert_eq!(body["errors"][0]["field"], "sort");
    }
    world.end().await;
}

#[tokio::test]
async fn every_answer_has_exactly_its_fields() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let registration = Fact::new("registration.completed", event)
        .registration("r")
        .property("ticketTypeName", "VIP");
    world.write().of_service(tenant).track(&registration).await;
    let payment = Fact::new("payment.completed", event).payment("p", 100, "EUR");
    world.write().of_service(tenant).track(&payment).await;
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
