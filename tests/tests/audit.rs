//! The audit log has one line for each refused or administrative request and each export, and no line says
//! more than it must.

use analytics_shared::auth::Caller;
use analytics_tests::{
    fact::Fact,
    service::Service,
    share::{self, Share},
    world::{NO_RATE_LIMIT, World},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// The lines of the audit log.
fn lines(service: &Service) -> Vec<Value> {
    let logged = service.logged();
    let lines = logged.lines().map(|line| {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("not JSON: {line}"))
    });
    lines.filter(|line| line["target"] == "audit").collect()
}

async fn world() -> World {
    let mut world = World::start_with(&[("LOG_FORMAT", "json")]).await;
    let environment = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("LOG_FORMAT", "json"),
    ];
    world.query = Service::start("analytics-query", &environment).await;
    world
}

#[tokio::test]
async fn refused_and_administrative_requests_and_exports_are_logged_with_their_actor() {
    let world = world().await;
    let (tenant, user, admin) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let write = world.write().of_user(tenant, user);
    write.track(&Fact::view(event)).await;
    let read = world.read().of_user(tenant, user);
    let dashboard = format!("/events/{event}/dashboard?source=ann@example.org");
    read.read(&dashboard).await;
    assert_eq!(lines(&world.ingest), [Value::Null; 0]);
    assert_eq!(lines(&world.query), [Value::Null; 0], "nothing to log yet");

    // Requests that are not allowed.
    let forbidden = Fact::view(event).user(Uuid::now_v7());
    assert_eq!(write.post("/track", &forbidden).await.status(), 403);
    world.read().get(&dashboard).await;
    // An export.
    let export = json!({"organizationId": tenant, "format": "csv",
                        "dateFrom": "2026-01-01", "dateTo": "2026-01-31"});
    let response = read.post("/export", &export).await;
    let export_id = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(response.status(), 200);
    // An administrator of another tenant.
    let administrator = Caller {
        tenant_id: Some(Uuid::now_v7()),
        user_id: Some(admin),
        roles: vec!["ADMIN".to_owned(), "anything else".to_owned()],
    };
    world.read().with(&administrator).read(&dashboard).await;

    let [refused] = &lines(&world.ingest)[..] else {
        panic!("{:?}", lines(&world.ingest))
    };
    assert_eq!(refused["reason"], "refused");
    assert_eq!(
        (&refused["method"], &refused["status"]),
        (&json!("POST"), &json!(403))
    );
    assert_eq!(refused["route"], "/api/v1/analytics/track");
    assert_eq!(
        (&refused["user"], &refused["tenant"]),
        (&json!(user), &json!(tenant))
    );
    assert!(
        refused["request_id"]
            .as_str()
            .is_some_and(|id| id.parse::<Uuid>().is_ok())
    );

    let [anonymous, exported, administrative] = &lines(&world.query)[..] else {
        panic!("{:?}", lines(&world.query))
    };
    assert_eq!(
        (&anonymous["status"], &anonymous["reason"]),
        (&json!(401), &json!("refused"))
    );
    assert!(anonymous["user"].is_null() && anonymous["tenant"].is_null());
    assert_eq!(exported["route"], "/api/v1/analytics/export");
    assert_eq!(
        (&exported["user"], &exported["tenant"]),
        (&json!(user), &json!(tenant))
    );
    assert_eq!(
        (&exported["status"], &exported["request_id"]),
        (&json!(200), &json!(export_id))
    );
    assert_eq!(
        (&administrative["user"], &administrative["tenant"]),
        (&json!(admin), &json!(administrator.tenant_id))
    );
    assert_eq!(
        (&administrative["roles"], &administrative["status"]),
        (&json!("ADMIN"), &json!(200))
    );
    assert_eq!(
        administrative["route"],
        "/api/v1/analytics/events/{eventId}/dashboard"
    );

    let token = read.token().unwrap();
    for service in [&world.ingest, &world.query] {
        let logged = service.logged();
        for text in ["ann@example.org", token, "127.0.0.1"] {
            let found = logged
                .lines()
                .find(|line| line.contains(text) && !line.contains("listening"));
            assert_eq!(found, None, "{text}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn a_flood_of_refused_requests_does_not_fill_the_log() {
    let world = world().await;
    let read = world.read();
    for _ in 0..300 {
        assert_eq!(read.get("/events/1/dashboard").await.status(), 401);
    }
    assert_eq!(lines(&world.query).len(), 60);
    world.end().await;
}

#[tokio::test]
async fn opened_share_links_are_logged_and_a_flood_of_invented_ones_does_not_fill_the_log() {
    let mut world = world().await;
    let environment = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("SHARE_DATABASE_URL", world.database.share_url.as_str()),
        ("LOG_FORMAT", "json"),
        NO_RATE_LIMIT,
    ];
    world.query = Service::start("analytics-query", &environment).await;
    let (tenant, read) = (Uuid::now_v7(), world.read());
    let event = world.publish_event(tenant, None).await;
    let share = Share::to_all(&read.of_tenant(tenant), event).await;
    share.open(&read).await;
    for _ in 0..300 {
        let invented = json!({"link": format!("asl_{}", Uuid::now_v7().simple())});
        assert_eq!(share::open(&read, &invented).await.status(), 404);
    }
    let opened = |status: u16| {
        let lines = lines(&world.query).into_iter();
        let lines = lines.filter(|line| line["route"] == "/app/share-session");
        lines.filter(|line| line["status"] == status).count()
    };
    assert_eq!((opened(200), opened(404)), (1, 60));
    world.end().await;
}
