//! A share link opens nothing but its event, whatever is called with its token.

use std::time::Duration;

use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    service::Service,
    share::{SECTIONS, Share},
    watch::Watch,
    world::World,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authorization::documented;

/// Calls an operation of a document with the token of a link.
async fn call(api: &Api, base: &str, method: &str, path: &str, body: &Value) -> Response {
    let method: Method = method.parse().unwrap();
    let request = api.http.request(method, format!("{base}{path}"));
    let request = request.bearer_auth(api.token().unwrap()).json(body);
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_link_opens_no_route_but_those_of_its_event() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let others = [
        world.publish_event(tenant, None).await,
        world.publish_event(stranger, None).await,
        Uuid::now_v7(),
    ];
    let organizer = world.read().of_tenant(tenant);
    let share = Share::to_all(&organizer, event).await;
    let recipient = share.open(&world.read()).await;
    let body = json!({"organizationId": tenant, "dateFrom": "2026-01-01", "dateTo": "2026-12-31",
                      "format": "ndjson", "dataset": "daily"});
    let mut opened = Vec::new();
    for (tier, service) in [("ingest", &world.ingest), ("query", &world.query)] {
        for (method, path) in documented(tier) {
            // Nobody is authenticated there.
            if path.starts_with("/app/") || path.contains("/track") {
                continue;
            }
            let of_organization = path
                .replace("{orgId}", &tenant.to_string())
                .replace("{shareId}", &share.id.to_string())
                .replace("{id}", "000000000000");
            for event_id in [event].into_iter().chain(others) {
                let path = of_organization.replace("{eventId}", &event_id.to_string());
                let answer = call(&recipient, &service.url(""), &method, &path, &body).await;
                let status = answer.status().as_u16();
                if status == 200 {
                    assert!(
                        path.ends_with("/me") || path.contains(&event.to_string()),
                        "{path}"
                    );
                    opened.push(of_organization.clone());
                } else {
                    assert!(
                        [401, 403, 404].contains(&status),
                        "{method} {path}: {status}"
                    );
                }
                if !path.contains("events/") {
                    break;
                }
            }
        }
    }
    opened.dedup();
    let expected = [
        "/me",
        "/events/{eventId}/dashboard",
        "/events/{eventId}/funnel",
        "/events/{eventId}/live",
    ];
    let mut expected = expected.map(|path| format!("/api/v1/analytics{path}"));
    expected.sort();
    opened.sort();
    assert_eq!(opened, expected);

    // A foreign event is answered like an unknown one.
    let mut answers = Vec::new();
    for other in others {
        let refused = recipient.get(&format!("/events/{other}/dashboard")).await;
        answers.push(problem(refused).await);
    }
    assert_eq!(answers[0].0, StatusCode::NOT_FOUND);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    // The token of a link is none of the platform, of which a fact would be that of the tenant.
    let fact = Fact::new("newsletter.opened", event);
    let write = world.write().bearing(recipient.token().unwrap().to_owned());
    assert_eq!(
        write.post("/track", &fact).await.status(),
        StatusCode::UNAUTHORIZED
    );
    world.end().await;
}

#[tokio::test]
async fn a_link_says_what_it_shows_and_its_token_is_accepted_as_a_bearer_token_only() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let settings = json!({"sections": ["funnel", "series"], "revenue": true});
    let share = Share::create(&world.read().of_tenant(tenant), event, &settings).await;
    let recipient = share.open(&world.read()).await;
    let me = recipient.read("/me").await;
    assert_eq!(me["session"], "share");
    let shown = json!({"eventId": event, "sections": ["series", "funnel"], "revenue": true});
    assert_eq!(me["share"], shown);
    assert_eq!(
        (&me["canExport"], &me["canShare"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(me["roles"], json!([]));
    let own = world.read().of_tenant(tenant).read("/me").await;
    assert_eq!(
        (&own["canShare"], &own["share"]),
        (&json!(true), &Value::Null)
    );
    let cookie = format!("__Host-analytics={}", recipient.token().unwrap());
    let refused = world.read().get_with("/me", "cookie", &cookie).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    world.end().await;
}

#[tokio::test]
async fn links_belong_to_a_tenant_and_are_managed_by_its_roles() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let share = Share::to_all(&world.read().of_tenant(tenant), event).await;
    let path = format!("/events/{event}/shares");
    let one = format!("{path}/{}", share.id);
    let settings = json!({"sections": SECTIONS});
    let foreign = world.read().of_tenant(stranger);
    for answer in [
        foreign.get(&path).await,
        foreign.post(&path, &settings).await,
        foreign.delete(&one).await,
    ] {
        assert_eq!(problem(answer).await.1["code"], "unknown_event");
    }
    // Of an own event, a foreign link does not exist.
    let own = world.publish_event(stranger, None).await;
    let answer = foreign
        .delete(&format!("/events/{own}/shares/{}", share.id))
        .await;
    assert_eq!(problem(answer).await.1["code"], "unknown_share");
    share.open(&world.read()).await;

    let roles = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("SHARE_DATABASE_URL", world.database.share_url.as_str()),
        ("READ_ROLES", "ORGANIZER,ANALYST"),
        ("SHARE_ROLES", "ORGANIZER,MARKETING"),
    ];
    let restricted = Service::start("analytics-query", &roles).await;
    for (role, read, shared) in [
        ("USER", 403, 403),
        ("ANALYST", 200, 403),
        ("MARKETING", 403, 403),
        ("ORGANIZER", 200, 201),
        ("ADMIN", 200, 201),
    ] {
        let api = Api::at(&restricted.url("")).with(&analytics_shared::auth::Caller {
            tenant_id: Some(tenant),
            user_id: None,
            roles: vec![role.to_owned()],
        });
        let dashboard = api.get(&format!("/events/{event}/dashboard")).await;
        assert_eq!(dashboard.status().as_u16(), read, "{role}");
        let created = api.post(&path, &settings).await;
        assert_eq!(created.status().as_u16(), shared, "{role}");
        let me = api.read("/me").await;
        assert_eq!(me["canShare"], shared == 201, "{role}");
    }
    // A link needs no role of readers.
    let recipient = share.open(&Api::at(&restricted.url(""))).await;
    recipient.read(&format!("/events/{event}/dashboard")).await;
    world.end().await;
}

#[tokio::test]
async fn live_figures_of_a_revoked_link_end() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let organizer = world.read().of_tenant(tenant);
    let (kept, revoked) = (
        Share::to_all(&organizer, event).await,
        Share::to_all(&organizer, event).await,
    );
    let mut streams = [
        Watch::open(&kept.open(&world.read()).await, event, None).await,
        Watch::open(&revoked.open(&world.read()).await, event, None).await,
    ];
    for stream in &mut streams {
        assert_eq!(stream.figures().await.1["totalViews"], 0);
    }
    revoked.revoke(&organizer, event).await;
    world.write().store(&Fact::view(event)).await;
    let [mut kept, mut revoked] = streams;
    assert_eq!(kept.figures().await.1["totalViews"], 1);
    let end = tokio::time::timeout(Duration::from_secs(20), revoked.next()).await;
    assert_eq!(end.unwrap(), None);
    world.end().await;
}
