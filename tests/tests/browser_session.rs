//! A browser exchanges the token of the platform for a session: a cookie that reads like the token, writes for pages
//! of the service only, and ends with the token.

mod refused;

use analytics_shared::{
    auth::{Caller, TokenRules, TokenSigner},
    clock,
};
use analytics_tests::{
    api::{Api, problem, token},
    browser::{Browser, Page},
    fact::Fact,
    process::{JWT_SECRET, SESSION_SECRET},
    service::Service,
    world::World,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Duration;
use futures_util::StreamExt;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

fn organizer(tenant: Uuid) -> Caller {
    Caller {
        tenant_id: Some(tenant),
        user_id: Some(Uuid::now_v7()),
        roles: vec!["ORGANIZER".to_owned()],
    }
}

async fn signed_in(base: &str, caller: &Caller) -> Browser {
    let mut browser = Browser::at(base);
    let response = browser.sign_in(&token(caller), None).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    browser
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

/// The claims of a token, not verified.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn export(tenant: Uuid) -> Value {
    json!({"organizationId": tenant, "dateFrom": "2026-01-01", "dateTo": "2026-12-31", "format": "csv"})
}

#[tokio::test]
async fn a_session_reads_what_its_token_reads_and_no_more() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let foreign = world.publish_event(stranger, None).await;
    world.write().track(&Fact::view(event)).await;
    let caller = organizer(tenant);
    let mut browser = Browser::at(&world.query.url(""));
    let response = browser
        .sign_in(&token(&caller), Some("/app/events/1?from=2026-11-01#days"))
        .await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        header(&response, "location"),
        "/app/events/1?from=2026-11-01#days"
    );
    let (_, attributes) = header(&response, "set-cookie").split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax");

    let bearer = world.read().with(&caller);
    for path in [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ] {
        let by_session = browser.get(&path).await;
        assert_eq!(by_session.status(), StatusCode::OK);
        let by_session: Value = by_session.json().await.unwrap();
        assert_eq!(by_session, bearer.read(&path).await);
    }
    let hidden = browser.get(&format!("/events/{foreign}/dashboard")).await;
    assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
    let head = browser.request(
        Method::HEAD,
        &format!("/api/v1/analytics/events/{event}/funnel"),
        Page::Own,
    );
    assert_eq!(head.send().await.unwrap().status(), StatusCode::OK);
    // `EventSource` sends no header but the cookie.
    let live = browser.get(&format!("/events/{event}/live")).await;
    assert_eq!(header(&live, "content-type"), "text/event-stream");
    let (mut stream, mut received) = (live.bytes_stream(), Vec::new());
    while !String::from_utf8_lossy(&received).contains("totalViews") {
        received.extend(stream.next().await.unwrap().unwrap());
    }
    world.end().await;
}

#[tokio::test]
async fn the_caller_is_described_to_the_page() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let environment = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("READ_ROLES", "ORGANIZER,ANALYST"),
        ("EXPORT_ROLES", "ANALYST"),
    ];
    let restricted = Service::start("analytics-query", &environment).await;
    for (query, roles, can_export, can_share) in [
        (&world.query, vec![], true, true),
        (&restricted, vec![], false, false),
        (&restricted, vec!["ORGANIZER"], false, true),
        (&restricted, vec!["ANALYST"], true, true),
    ] {
        let caller = Caller {
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            ..organizer(tenant)
        };
        let browser = signed_in(&query.url(""), &caller).await;
        let me: Value = browser.get("/me").await.json().await.unwrap();
        let expected = json!({"organizationId": tenant, "roles": roles, "session": "browser",
            "canExport": can_export, "canShare": can_share, "share": null,
            "expiresAt": me["expiresAt"]});
        assert_eq!(me, expected);
        let bearer = Api::at(&query.url("")).with(&caller);
        let me = bearer.read("/me").await;
        assert_eq!(
            (&me["session"], &me["organizationId"]),
            (&json!("token"), &json!(tenant))
        );
    }
    let anonymous = world.read().get("/me").await;
    assert_eq!(problem(anonymous).await.0, StatusCode::UNAUTHORIZED);
    world.end().await;
}

#[tokio::test]
async fn a_session_ends_with_its_token_and_holds_on_every_replica_with_the_same_secret() {
    let world = World::start().await;
    let caller = organizer(Uuid::now_v7());
    let now = clock::now();
    let signer = TokenSigner::new(JWT_SECRET, TokenRules::default());
    let token = signer.sign(&caller, now, Duration::minutes(7)).unwrap();
    let mut browser = Browser::at(&world.query.url(""));
    browser.sign_in(&token, None).await;
    let session = browser.session().unwrap().to_owned();
    assert_eq!(claims(&session)["exp"], claims(&token)["exp"]);

    let database = ("DATABASE_URL", world.database.query_url.as_str());
    let other = (
        "SESSION_SECRET",
        "another secret of the sessions of this test",
    );
    for (environment, expected) in [
        (&[database][..], StatusCode::OK),
        (&[database, other], StatusCode::UNAUTHORIZED),
    ] {
        let replica = Service::start("analytics-query", environment).await;
        let browser = Browser::at(&replica.url("")).with_session(&session);
        assert_eq!(browser.get("/me").await.status(), expected);
    }
    world.end().await;
}

#[tokio::test]
async fn the_header_authorization_wins_over_the_cookie() {
    let world = World::start().await;
    let (one, other) = (organizer(Uuid::now_v7()), organizer(Uuid::now_v7()));
    let browser = signed_in(&world.query.url(""), &one).await;
    let request = || browser.request(Method::GET, "/api/v1/analytics/me", Page::Own);
    let with_token = request().bearer_auth(token(&other)).send().await.unwrap();
    let me: Value = with_token.json().await.unwrap();
    assert_eq!(
        (&me["organizationId"], &me["session"]),
        (&json!(other.tenant_id), &json!("token"))
    );
    for invalid in ["Bearer x", "Basic YTpi", ""] {
        let refused = request().header("Authorization", invalid).send().await;
        assert_eq!(
            refused.unwrap().status(),
            StatusCode::UNAUTHORIZED,
            "{invalid}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn the_limit_of_an_address_counts_requests_with_sessions() {
    let world = World::start().await;
    let settings = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("RATE_LIMIT_PER_ADDRESS", "20"),
    ];
    let query = Service::start("analytics-query", &settings).await;
    let browser = signed_in(&query.url(""), &organizer(Uuid::now_v7())).await;
    let mut statuses = Vec::new();
    for _ in 0..30 {
        statuses.push(browser.get("/me").await.status());
    }
    assert!(statuses.contains(&StatusCode::OK));
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS));
    world.end().await;
}

#[tokio::test]
async fn signing_in_is_audited_and_no_log_line_has_a_token() {
    let world = World::start().await;
    let settings = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("LOG_FORMAT", "json"),
        ("LOG_FILTER", "trace"),
    ];
    let query = Service::start("analytics-query", &settings).await;
    let caller = organizer(Uuid::now_v7());
    let bearer = token(&caller);
    let mut browser = Browser::at(&query.url(""));
    browser.sign_in(&bearer, Some("/app/org")).await;
    browser.get("/me").await;
    browser.sign_in("a.forged.token", None).await;
    let logged = query.logged();
    let audited = logged
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let audited: Vec<_> = audited.filter(|line| line["target"] == "audit").collect();
    let [signed_in, refused] = &audited[..] else {
        panic!("{audited:?}")
    };
    assert_eq!(signed_in["route"], "/app/session");
    assert_eq!(signed_in["status"], 303);
    assert_eq!(signed_in["user"], json!(caller.user_id));
    assert_eq!(refused["status"], 401);
    for secret in [
        bearer.as_str(),
        browser.session().unwrap(),
        "forged",
        SESSION_SECRET,
    ] {
        assert!(!logged.contains(secret));
    }
    world.end().await;
}
