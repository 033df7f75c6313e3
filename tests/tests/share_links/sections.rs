//! The responses for a share link have its sections and nothing else.

use std::collections::BTreeSet;

use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    share::{SECTIONS, Share},
    watch::Watch,
    world::World,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

/// The fields of every response.
const METADATA: [&str; 5] = ["dateFrom", "dateTo", "eventId", "timezone", "title"];

/// A payment that is recognized in any response.
const CENTS: u64 = 98_765;

/// An event with facts of every kind.
async fn event_with_facts(world: &World, tenant: Uuid) -> Uuid {
    let event = world.publish_event(tenant, None).await;
    let write = world.write().with_role("SERVICE");
    for visitor in 0..5 {
        let registration = Uuid::now_v7();
        let fact = |kind: &str| {
            Fact::new(kind, event)
                .visitor(format!("v-{visitor}"))
                .source("newsletter")
                .registration(registration)
                .property("ticketTypeId", "vip")
        };
        write.store(&fact("page.view")).await;
        write.store(&fact("registration.started")).await;
        write.store(&fact("registration.completed")).await;
        write.store(&fact("checkin.completed")).await;
        let payment = fact("payment.completed").payment(Uuid::now_v7(), CENTS, "EUR");
        write.store(&payment).await;
    }
    event
}

fn names(response: &Value) -> BTreeSet<String> {
    response.as_object().unwrap().keys().cloned().collect()
}

async fn opened(world: &World, tenant: Uuid, event: Uuid, settings: &Value) -> Api {
    let share = Share::create(&world.read().of_tenant(tenant), event, settings).await;
    share.open(&world.read()).await
}

#[tokio::test]
async fn a_link_shows_its_sections_with_the_figures_of_the_organizer() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = event_with_facts(&world, tenant).await;
    let organizer = world.read().of_tenant(tenant);
    let path = format!("/events/{event}/dashboard");
    let whole = organizer.read(&path).await;
    let mut seen = BTreeSet::new();
    for (section, fields) in [
        (
            "metrics",
            &["totalViews", "checkedIn", "basis", "cancellations"][..],
        ),
        ("series", &["byDay", "series", "comparison"]),
        ("sources", &["bySource", "otherSources"]),
        ("ticketTypes", &["byTicketType", "otherTicketTypes"]),
        ("heatMap", &["byHour"]),
        ("checkIns", &["checkInCurve"]),
    ] {
        let recipient = opened(&world, tenant, event, &json!({"sections": [section]})).await;
        let shown = recipient.read(&path).await;
        for (name, value) in shown.as_object().unwrap() {
            assert_eq!(value, &whole[name], "{section}: {name}");
        }
        let own: BTreeSet<_> = names(&shown)
            .into_iter()
            .filter(|it| !METADATA.contains(&&**it))
            .collect();
        assert!(
            fields.iter().all(|&field| own.contains(field)),
            "{section}: {own:?}"
        );
        assert!(own.is_disjoint(&seen), "{section}: {own:?}");
        seen.extend(own);
        let text = shown.to_string();
        assert!(
            !text.contains(&CENTS.to_string()) && !text.contains("EUR"),
            "{text}"
        );
        let funnel = recipient.get(&format!("/events/{event}/funnel")).await;
        assert_eq!(problem(funnel).await.1["code"], "not_shared");
    }
    let everything = json!({"sections": SECTIONS, "revenue": true});
    let recipient = opened(&world, tenant, event, &everything).await;
    assert_eq!(recipient.read(&path).await, whole);
    let funnel = format!("/events/{event}/funnel?groupBy=source&compare=previous");
    assert_eq!(recipient.read(&funnel).await, organizer.read(&funnel).await);
    world.end().await;
}

#[tokio::test]
async fn revenue_is_absent_wherever_it_is_not_shared() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = event_with_facts(&world, tenant).await;
    let organizer = world.read().of_tenant(tenant);
    let shared = opened(&world, tenant, event, &json!({"sections": SECTIONS})).await;
    let with_revenue = json!({"sections": SECTIONS, "revenue": true});
    let with_revenue = opened(&world, tenant, event, &with_revenue).await;
    let is_money = |text: &str| text.contains(&(5 * CENTS).to_string()) || text.contains("EUR");
    // The caches never mix: each caller reads the same after the others.
    for _ in 0..2 {
        for path in [
            "dashboard",
            "dashboard?compare=previous&granularity=day",
            "dashboard?source=newsletter&granularity=hour&dateFrom=TODAY",
            "funnel?compare=previous&groupBy=ticketType",
        ] {
            let today = analytics_shared::clock::now().date_naive();
            let path = path.replace("TODAY", &today.to_string());
            let path = format!("/events/{event}/{path}");
            let hidden = shared.read(&path).await.to_string();
            assert!(
                !is_money(&hidden) && !hidden.contains("revenue"),
                "{path}: {hidden}"
            );
            let shown = with_revenue.read(&path).await;
            assert_eq!(shown, organizer.read(&path).await);
            let has_revenue = path.contains("dashboard");
            assert_eq!(is_money(&shown.to_string()), has_revenue, "{path}");
        }
    }
    let mut streams = Vec::new();
    for api in [&shared, &with_revenue] {
        let mut watch = Watch::open(api, event, None).await;
        let (id, figures) = watch.figures().await;
        assert_eq!(
            is_money(&figures.to_string()),
            figures.get("revenue").is_some()
        );
        streams.push((id, figures));
    }
    assert!(streams[0].1.get("revenue").is_none() && streams[1].1.get("revenue").is_some());
    // Nor does the entity tag or the id of an update depend on it.
    assert_ne!(streams[0].0, streams[1].0);
    world.end().await;
}

#[tokio::test]
async fn a_change_of_what_is_not_shared_changes_neither_entity_tag_nor_stream() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = event_with_facts(&world, tenant).await;
    let recipient = opened(&world, tenant, event, &json!({"sections": ["heatMap"]})).await;
    let path = format!("/events/{event}/dashboard");
    let first = recipient.get(&path).await;
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    let payment = Fact::new("payment.completed", event).registration(Uuid::now_v7());
    let payment = payment.payment(Uuid::now_v7(), 4900, "EUR");
    world.write().of_service(tenant).store(&payment).await;
    let again = recipient.get_with(&path, "if-none-match", &etag).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    // The entity tag of the organizer's response is not that of the link's.
    let whole = world.read().of_tenant(tenant).get(&path).await;
    let of_whole = whole.headers()["etag"].to_str().unwrap().to_owned();
    assert_ne!(of_whole, etag);
    let other = recipient.get_with(&path, "if-none-match", &of_whole).await;
    assert_eq!(other.status(), StatusCode::OK);
    let mut watch = Watch::open(&recipient, event, None).await;
    let (_, figures) = watch.figures().await;
    assert_eq!(names(&figures), METADATA.map(str::to_owned).into());
    world.end().await;
}

#[tokio::test]
async fn a_parameter_reveals_no_section_that_is_not_shared() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = event_with_facts(&world, tenant).await;
    let sections = json!({"sections": ["metrics", "funnel"]});
    let recipient = opened(&world, tenant, event, &sections).await;
    for (figure, parameter, value) in [
        ("dashboard", "dateFrom", "2026-11-01"),
        ("dashboard", "dateTo", "2026-11-30"),
        ("dashboard", "compare", "previous"),
        ("dashboard", "granularity", "day"),
        ("dashboard", "source", "newsletter"),
        ("dashboard", "ticketType", "vip"),
        ("funnel", "dateFrom", "2026-11-01"),
        ("funnel", "compare", "year"),
        ("funnel", "source", "newsletter"),
        ("funnel", "groupBy", "source"),
        ("funnel", "groupBy", "ticketType"),
        ("funnel", "groupBy", "day"),
        // They scan raw facts.
        ("dashboard", "timezone", "Asia/Tokyo"),
        ("dashboard", "details", "always"),
        ("funnel", "timezone", "Asia/Tokyo"),
        ("funnel", "details", "always"),
    ] {
        let path = format!("/events/{event}/{figure}?{parameter}={value}");
        let (status, body) = problem(recipient.get(&path).await).await;
        assert_eq!(
            (status.as_u16(), &body["code"]),
            (403, &json!("not_shared")),
            "{path}"
        );
        assert_eq!(body["errors"][0]["field"], parameter);
    }
    for path in [
        "dashboard?details=never",
        "funnel?cohort=true",
        "dashboard?size=5",
    ] {
        recipient.read(&format!("/events/{event}/{path}")).await;
    }
    world.end().await;
}
