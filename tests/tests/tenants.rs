//! Nobody sees another tenant's data, or learns that it exists.

use analytics_tests::{api::problem, fact::Fact, world::World};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_foreign_tenants_event_and_organization_are_404_on_every_read_route() {
    let world = World::start().await;
    let (owner, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(owner, None).await;
    world.write().track(&Fact::view(event)).await;
    let nowhere = Uuid::now_v7();

    let foreign = world.read().of_tenant(stranger);
    for route in ["dashboard", "funnel", "live"] {
        let (status, theirs) =
            problem(foreign.get(&format!("/events/{event}/{route}")).await).await;
        assert_eq!(
            (status.as_u16(), &theirs["code"]),
            (404, &json!("unknown_event"))
        );
        let (_, nobodys) = problem(foreign.get(&format!("/events/{nowhere}/{route}")).await).await;
        assert_eq!(theirs, nobodys, "the answer tells that the event exists");
    }
    let (status, theirs) =
        problem(foreign.get(&format!("/organizations/{owner}/report")).await).await;
    assert_eq!(status, 404);
    let (_, nobodys) = problem(
        foreign
            .get(&format!("/organizations/{nowhere}/report"))
            .await,
    )
    .await;
    assert_eq!(theirs, nobodys);
    for (event, organization) in [(None, owner), (Some(event), owner), (Some(event), stranger)] {
        let (status, _) =
            problem(foreign.post("/export", &export(event, organization)).await).await;
        assert_eq!(status, 404);
    }

    let own = world.read().of_tenant(owner);
    let admin = world.read().with_role("ADMIN");
    for reader in [own, admin] {
        assert_eq!(
            reader.read(&format!("/events/{event}/dashboard")).await["totalViews"],
            1
        );
        assert_eq!(
            reader.read(&format!("/events/{event}/funnel")).await["pageViews"],
            1
        );
        let report = reader.read(&format!("/organizations/{owner}/report")).await;
        assert_eq!(report["totals"]["totalViews"], 1);
        assert_eq!(
            reader
                .post("/export", &export(Some(event), owner))
                .await
                .status(),
            200
        );
    }
    world.end().await;
}

#[tokio::test]
async fn facts_of_two_tenants_at_one_event_stay_apart() {
    let world = World::start().await;
    let (first, second, event) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    // The event is not registered: each tenant counts its own facts of it.
    for (tenant, views) in [(first, 1), (second, 2)] {
        for _ in 0..views {
            let view = Fact::view(event);
            world.write().of_tenant(tenant).track(&view).await;
        }
        assert_eq!(world.dashboard(tenant, event, "").await.total_views, views);
    }
    world.end().await;
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_read() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let paths = [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ];
    for path in &paths {
        let (status, body) = problem(world.read().get(path).await).await;
        assert_eq!(
            (status.as_u16(), &body["code"]),
            (401, &json!("unauthorized")),
            "{path}"
        );
        let forged =
            reqwest::Client::new().get(world.query.url(&format!("/api/v1/analytics{path}")));
        let (status, _) = problem(forged.bearer_auth("e30.e30.e30").send().await.unwrap()).await;
        assert_eq!(status, 401);
    }
    let (status, _) = problem(world.read().post("/export", &export(None, tenant)).await).await;
    assert_eq!(status, 401);
    world.end().await;
}

#[tokio::test]
async fn who_may_send_what() {
    let world = World::start().await;
    let (owner, stranger, person) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(owner, None).await;
    let fact = |event_type: &str| Fact::new(event_type, event);
    let anonymous = world.write();
    anonymous.track(&fact("page.view")).await;
    anonymous.track(&fact("registration.started")).await;
    for (sender, body, status) in [
        (&anonymous, fact("checkin.completed"), 401),
        (&anonymous, fact("newsletter.opened"), 401),
        (&anonymous, Fact::view(Uuid::now_v7()), 401),
        (
            &anonymous.of_tenant(stranger),
            fact("checkin.completed"),
            403,
        ),
        (&anonymous.of_tenant(owner), fact("checkin.completed"), 403),
        (
            &anonymous.of_tenant(owner),
            fact("page.view").user(person),
            403,
        ),
        (
            &anonymous.of_tenant(owner),
            fact("page.view").tenant(stranger),
            403,
        ),
        (
            &anonymous.with_role("SERVICE"),
            fact("page.view").tenant(stranger),
            422,
        ),
        (&anonymous.with_role("SERVICE"), Fact::view(stranger), 422),
    ] {
        let (answered, problem) = problem(sender.post("/track", &body).await).await;
        assert_eq!(answered.as_u16(), status, "{body}: {problem}");
    }
    anonymous
        .of_tenant(owner)
        .track(&fact("newsletter.opened"))
        .await;
    // A user of another organization views the page: the view belongs to the tenant of the event.
    anonymous
        .of_user(stranger, person)
        .track(&fact("page.view"))
        .await;
    let service = anonymous.with_role("SERVICE");
    service.track(&fact("checkin.completed").user(person)).await;
    world.until_stored(5).await;
    let dashboard = world.dashboard(owner, event, "").await;
    // The person, and the visitor without a token.
    assert_eq!(dashboard.views(), [2, 2]);
    assert_eq!(dashboard.checked_in, 1);
    world.end().await;
}

fn export(event: Option<Uuid>, organization: Uuid) -> Value {
    let mut body = json!({"organizationId": organization, "dateFrom": "2026-01-01",
                          "dateTo": "2026-12-31", "format": "csv"});
    if let Some(event) = event {
        body["eventId"] = json!(event);
    }
    body
}
