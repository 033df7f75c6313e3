//! Campaigns: the parameters `utm_…` of a page are kept, and a funnel is broken down by `utmCampaign`.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;

const COMPLETED: &str = "registration.completed";

/// Page views, visitors, completed registrations and people who reached them, by campaign.
async fn by_campaign(world: &World, tenant: Uuid, event: Uuid, query: &str) -> Value {
    let path = format!("/events/{event}/funnel?groupBy=utmCampaign{query}");
    let funnel = world.read().of_tenant(tenant).read(&path).await;
    let groups = funnel["groups"].as_array().unwrap().iter();
    let groups = groups.map(|group| {
        assert_eq!(group["source"], Value::Null);
        let steps = &group["steps"];
        json!([
            group["utmCampaign"],
            group["pageViews"],
            steps[0]["visitors"],
            group["registrationCompleted"],
            steps[2]["reached"],
        ])
    });
    groups.collect()
}

#[tokio::test]
async fn a_funnel_is_broken_down_by_campaign() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("Asia/Tokyo")).await;
    let service = world.write().with_role("SERVICE");
    let at = clock::now() - Duration::hours(1);
    for (browser, source, campaign) in [
        ("a", "vk", Some("early birds")),
        ("a", "vk", Some("early birds")),
        ("b", "newsletter", Some("early birds")),
        ("c", "newsletter", Some("last call")),
        ("d", "newsletter", None),
    ] {
        let view = Fact::view(event).at(at).visitor(browser).source(source);
        let view = match campaign {
            Some(campaign) => view.property("utmCampaign", campaign),
            None => view,
        };
        service.store(&view.id(Uuid::new_v4())).await;
    }
    // The platform does not know the campaign of a registration.
    for browser in ["a", "b", "d"] {
        let registration = Fact::new(COMPLETED, event).at(at).visitor(browser);
        let registration = registration.property("registrationId", browser);
        service.store(&registration.id(Uuid::new_v4())).await;
    }
    let expected = json!([
        ["early birds", 3, 2, 0, 0],
        [null, 1, 1, 3, 0],
        ["last call", 1, 1, 0, 0],
    ]);
    let groups = by_campaign(&world, tenant, event, "").await;
    assert_eq!(groups, expected);
    let elsewhere = by_campaign(&world, tenant, event, "&timezone=America/Lima").await;
    assert_eq!(elsewhere, expected);

    // People: those who started and completed a registration, whatever its campaign.
    for browser in ["a", "b", "d"] {
        let start = Fact::new("registration.started", event).at(at);
        service
            .store(&start.visitor(browser).id(Uuid::new_v4()))
            .await;
    }
    let of_source = by_campaign(&world, tenant, event, "&source=newsletter").await;
    let expected = json!([
        [null, 1, 1, 0, 1],
        ["early birds", 1, 1, 0, 1],
        ["last call", 1, 1, 0, 0],
    ]);
    assert_eq!(of_source, expected);
    world.end().await;
}

#[tokio::test]
async fn the_parameters_of_a_campaign_are_kept_of_a_page_without_a_token() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let view = Fact::view(event)
        .property("utmSource", "VK")
        .property("utmMedium", "social")
        .property("utmCampaign", " early birds ")
        .property("utmTerm", "rust")
        .property("utmContent", "banner");
    let receipt = world.write().track(&view).await;
    assert_eq!(receipt.dropped_properties, ["utmContent"]);
    let sql = format!(
        "SELECT properties - 'visitorId' FROM analytics_service.analytics_events WHERE event_id = '{event}'"
    );
    let rows = world.database.rows(&sql).await;
    let properties: Value = rows[0].try_get_by_index(0).unwrap();
    let expected = json!({
        "source": "vk", "utmSource": "VK", "utmMedium": "social", "utmCampaign": "early birds", "utmTerm": "rust",
    });
    assert_eq!(properties, expected);
    world.end().await;
}
