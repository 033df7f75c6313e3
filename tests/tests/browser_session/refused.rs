//! Sessions that are refused: forged, of another kind, used by pages of other origins; and forms that do not sign in.

use analytics_shared::{
    auth::{TokenRules, TokenSigner},
    clock,
};
use analytics_tests::{
    api::{problem, token},
    browser::{Browser, Page},
    process::SESSION_SECRET,
    world::World,
};
use chrono::Duration;
use reqwest::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

use super::{claims, export, header, organizer, signed_in};

#[tokio::test]
async fn neither_kind_of_token_passes_for_the_other() {
    let world = World::start().await;
    let caller = organizer(Uuid::now_v7());
    let browser = signed_in(&world.query.url(""), &caller).await;
    let session = browser.session().unwrap();
    // The service's own secret as that of the platform, and the audience of sessions.
    let rules = TokenRules {
        audience: claims(session)["aud"].as_str().map(str::to_owned),
        ..TokenRules::default()
    };
    let forged = TokenSigner::new(SESSION_SECRET, rules);
    let forged = forged
        .sign(&caller, clock::now(), Duration::hours(1))
        .unwrap();
    let flipped = session.replace('A', "B");
    for cookie in [&token(&caller), &forged, &flipped, "", "x", "a.b.c"] {
        let refused = browser.with_session(cookie).get("/me").await;
        assert_eq!(
            problem(refused).await.0,
            StatusCode::UNAUTHORIZED,
            "{cookie}"
        );
    }
    let two = format!("{session}; __Host-analytics={session}");
    assert_eq!(
        browser.with_session(&two).get("/me").await.status(),
        StatusCode::UNAUTHORIZED
    );
    for api in [world.read(), world.write()] {
        let bearing = api.bearing(session.to_owned());
        let path = if api.url("") == world.read().url("") {
            "/me"
        } else {
            "/write-keys"
        };
        let refused = bearing.get(path).await;
        assert_eq!(problem(refused).await.0, StatusCode::UNAUTHORIZED);
    }
    // A session does not sign in again.
    let again = Browser::at(&world.query.url(""))
        .sign_in(session, None)
        .await;
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    assert!(!again.headers().contains_key("set-cookie"));
    world.end().await;
}

#[tokio::test]
async fn only_pages_of_the_same_origin_write_with_a_session() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    world.publish_event(tenant, None).await;
    let browser = signed_in(&world.query.url(""), &organizer(tenant)).await;
    let path = "/api/v1/analytics/export";
    let send = async |page: Page, origin: Option<&str>| {
        let mut request = browser
            .request(Method::POST, path, page)
            .json(&export(tenant));
        if let Some(origin) = origin {
            // A browser without fetch metadata.
            request = browser.plain(Method::POST, path);
            request = request.header("Origin", origin).json(&export(tenant));
        }
        request.send().await.unwrap()
    };
    assert_eq!(send(Page::Own, None).await.status(), StatusCode::OK);
    let own = world.query.url("");
    assert_eq!(send(Page::Own, Some(&own)).await.status(), StatusCode::OK);
    for refused in [
        send(Page::Foreign, None).await,
        send(Page::Foreign, Some("https://evil.example")).await,
        send(Page::Foreign, Some("null")).await,
    ] {
        let (status, body) = problem(refused).await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::FORBIDDEN, &json!("cross_origin"))
        );
    }
    // Neither metadata nor origin: not a browser that the cookie is for.
    let bare = browser
        .plain(Method::POST, path)
        .json(&export(tenant))
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), StatusCode::FORBIDDEN);

    let foreign = browser
        .request(Method::DELETE, "/app/session", Page::Foreign)
        .send()
        .await
        .unwrap();
    assert_eq!(problem(foreign).await.1["code"], "cross_origin");
    let signed_out = browser
        .request(Method::DELETE, "/app/session", Page::Own)
        .send()
        .await
        .unwrap();
    assert_eq!(signed_out.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        header(&signed_out, "set-cookie"),
        "__Host-analytics=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    );
    world.end().await;
}

#[tokio::test]
async fn a_form_that_does_not_sign_in_is_a_problem_that_names_the_field() {
    let world = World::start().await;
    let valid = token(&organizer(Uuid::now_v7()));
    let mut browser = Browser::at(&world.query.url(""));
    for next in [
        "https://evil.example/",
        "//evil.example/app/",
        "/docs",
        "/app/\\evil",
        "/app/\r\nA: b",
    ] {
        let (status, body) = problem(browser.sign_in(&valid, Some(next)).await).await;
        assert_eq!(
            (status.as_u16(), &body["errors"][0]["field"]),
            (422, &json!("next")),
            "{next}"
        );
    }
    let post = async |content_type: &str, body: String| {
        let request = browser.request(Method::POST, "/app/session", Page::Foreign);
        let request = request.header("Content-Type", content_type).body(body);
        problem(request.send().await.unwrap()).await
    };
    let form = "application/x-www-form-urlencoded";
    for (body, status, field) in [
        (String::new(), 422, "token"),
        ("token=".to_owned(), 422, "token"),
        (format!("token={valid}&token={valid}"), 422, "token"),
        (format!("token={valid}&remember=1"), 422, "remember"),
        (format!("token={}", "x".repeat(70_000)), 413, "body"),
    ] {
        let (answered, problem) = post(form, body).await;
        assert_eq!(
            (answered.as_u16(), &problem["errors"][0]["field"]),
            (status, &json!(field))
        );
    }
    let json = json!({"token": valid}).to_string();
    assert_eq!(
        post("application/json", json).await.0,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let invalid = post(form, "token=a.b.c".to_owned()).await;
    assert_eq!(
        (invalid.0.as_u16(), &invalid.1["code"]),
        (401, &json!("unauthorized"))
    );
    world.end().await;
}
