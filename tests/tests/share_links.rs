//! Share links: an organizer shows figures of one event to people without an account, for a time.

mod access;
mod maintenance;
mod passwords;
mod sections;

use analytics_shared::clock;
use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    service::Service,
    share::{SECTIONS, Share, open},
    world::World,
};
use chrono::{DateTime, Duration, Utc};
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

/// The links of an event.
async fn list(organizer: &Api, event: Uuid) -> Vec<Value> {
    let list = organizer.read(&format!("/events/{event}/shares")).await;
    list["shares"].as_array().unwrap().clone()
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_link_is_created_listed_with_its_last_use_and_revoked_at_once() {
    let world = World::start().await;
    let (tenant, user) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    world.write().store(&Fact::view(event)).await;
    let organizer = world.read().of_user(tenant, user);
    let settings = json!({"name": "Venue partner", "sections": ["checkIns", "metrics"]});
    let path = format!("/events/{event}/shares");
    let answer = organizer.post(&path, &settings).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let created: Value = answer.json().await.unwrap();
    let secret = created["link"]
        .as_str()
        .unwrap()
        .strip_prefix("/app/share#")
        .unwrap();
    assert_eq!(created["sections"], json!(["metrics", "checkIns"]));
    assert_eq!(
        (&created["revenue"], &created["hasPassword"]),
        (&json!(false), &json!(false))
    );
    let validity = time(&created["expiresAt"]) - clock::now();
    assert!((validity - Duration::days(30)).abs() < Duration::minutes(1));

    let listed = list(&organizer, event).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["shareId"], created["shareId"]);
    assert_eq!(listed[0]["createdBy"], json!(user));
    assert_eq!(
        (&listed[0]["lastUsedAt"], &listed[0]["revokedAt"]),
        (&Value::Null, &Value::Null)
    );
    let share = Share {
        id: created["shareId"].as_str().unwrap().parse().unwrap(),
        secret: secret.to_owned(),
    };
    let recipient = share.open(&world.read()).await;
    let shown = recipient.read(&format!("/events/{event}/dashboard")).await;
    assert_eq!(shown["totalViews"], 1);
    let after_use = list(&organizer, event).await;
    assert!(clock::now() - time(&after_use[0]["lastUsedAt"]) < Duration::minutes(1));
    assert!(!json!(after_use).to_string().contains(secret));

    share.revoke(&organizer, event).await;
    let refused = recipient.get(&format!("/events/{event}/dashboard")).await;
    assert_eq!(problem(refused).await.1["code"], "invalid_link");
    let revoked = list(&organizer, event).await;
    assert!(!revoked[0]["revokedAt"].is_null());
    // Again, nothing changes.
    share.revoke(&organizer, event).await;
    assert_eq!(list(&organizer, event).await, revoked);
    let unknown = format!("{path}/{}", Uuid::now_v7());
    let unknown = problem(organizer.delete(&unknown).await).await;
    assert_eq!(
        (unknown.0.as_u16(), &unknown.1["code"]),
        (404, &json!("unknown_share"))
    );
    world.end().await;
}

#[tokio::test]
async fn an_invalid_link_names_its_field() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let organizer = world.read().of_tenant(tenant);
    let path = format!("/events/{event}/shares");
    let in_days = |days| json!(clock::now() + Duration::days(days));
    for (field, value) in [
        ("name", json!("n".repeat(101))),
        ("sections", json!([])),
        ("sections.0", json!(["everything"])),
        ("sections", json!(["metrics", "metrics"])),
        ("expiresAt", in_days(-1)),
        ("expiresAt", in_days(367)),
        ("expiresAt", json!("tomorrow")),
        ("password", json!("short")),
        ("revenue", json!("yes")),
        ("surprise", json!(1)),
    ] {
        let mut settings = json!({"sections": ["metrics"]});
        settings[field.split('.').next().unwrap()] = value.clone();
        let answer = organizer.post(&path, &settings).await;
        let (status, body) = problem(answer).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let named = body["errors"][0]["field"].as_str().unwrap();
        assert_eq!(named.replace("[0]", ".0"), field, "{body}");
    }
    let (_, body) = problem(organizer.post(&path, &json!({})).await).await;
    assert_eq!(body["errors"][0]["field"], "sections");
    world.end().await;
}

#[tokio::test]
async fn expired_revoked_and_guessed_links_are_indistinguishable() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let organizer = world.read().of_tenant(tenant);
    let with_password = json!({"sections": SECTIONS, "password": "correct horse"});
    let (expired, revoked) = (
        Share::create(&organizer, event, &with_password).await,
        Share::create(&organizer, event, &with_password).await,
    );
    let plain = [
        Share::to_all(&organizer, event).await,
        Share::to_all(&organizer, event).await,
    ];
    let mut tokens = Vec::new();
    for share in &plain {
        tokens.push(share.open(&world.read()).await);
    }
    for (expired, revoked) in [(&expired, &revoked), (&plain[0], &plain[1])] {
        let expire = format!(
            "UPDATE analytics_service.shared_links SET expires_at = NOW() - INTERVAL '1 second'
             WHERE share_id = '{}'",
            expired.id
        );
        let owner = &world.database.connection;
        owner.execute_unprepared(&expire).await.unwrap();
        revoked.revoke(&organizer, event).await;
    }
    let guessed = format!("asl_{}", "0".repeat(64));
    let links = [
        &expired.secret,
        &revoked.secret,
        &plain[0].secret,
        &plain[1].secret,
        &guessed,
    ];
    let mut answers = Vec::new();
    for link in links
        .into_iter()
        .map(String::as_str)
        .chain(["", "nonsense"])
    {
        for password in [None, Some("correct horse"), Some("wrong horse")] {
            let body = json!({"link": link, "password": password});
            answers.push(problem(open(&world.read(), &body).await).await);
        }
    }
    assert_eq!(answers[0].0, StatusCode::NOT_FOUND);
    assert_eq!(answers[0].1["code"], "invalid_link");
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );

    // So are the tokens for which they were exchanged before.
    let mut answers = Vec::new();
    for recipient in &tokens {
        for path in ["dashboard", "funnel", "live"] {
            let refused = recipient.get(&format!("/events/{event}/{path}")).await;
            answers.push(problem(refused).await);
        }
        answers.push(problem(recipient.get("/me").await).await);
    }
    assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    world.end().await;
}

#[tokio::test]
async fn an_event_has_a_bounded_number_of_valid_links() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let (event, other) = (
        world.publish_event(tenant, None).await,
        world.publish_event(tenant, None).await,
    );
    let organizer = world.read().of_tenant(tenant);
    let first = Share::to_all(&organizer, event).await;
    for _ in 1..50 {
        Share::to_all(&organizer, event).await;
    }
    let settings = json!({"sections": ["metrics"]});
    let refused = organizer
        .post(&format!("/events/{event}/shares"), &settings)
        .await;
    let (status, body) = problem(refused).await;
    assert_eq!(
        (status.as_u16(), &body["code"]),
        (409, &json!("too_many_shares"))
    );
    Share::to_all(&organizer, other).await;
    first.revoke(&organizer, event).await;
    Share::to_all(&organizer, event).await;
    world.end().await;
}

#[tokio::test]
async fn without_a_login_that_can_write_links_are_opened_and_not_created() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let organizer = world.read().of_tenant(tenant);
    let share = Share::to_all(&organizer, event).await;
    let url = [("DATABASE_URL", world.database.query_url.as_str())];
    let reading = Service::start("analytics-query", &url).await;
    assert!(reading.logged().contains("SHARE_DATABASE_URL is not set"));
    let api = Api::at(&reading.url("")).of_tenant(tenant);
    let path = format!("/events/{event}/shares");
    let with_password = json!({"sections": ["metrics"], "password": "correct horse"});
    for answer in [
        api.post(&path, &json!({"sections": ["metrics"]})).await,
        api.post(&path, &with_password).await,
        api.delete(&format!("{path}/{}", share.id)).await,
    ] {
        let (status, body) = problem(answer).await;
        assert_eq!(
            (status.as_u16(), &body["code"]),
            (503, &json!("sharing_unavailable"))
        );
        assert!(
            body["detail"]
                .as_str()
                .unwrap()
                .contains("SHARE_DATABASE_URL")
        );
    }
    let recipient = share.open(&api).await;
    recipient.read(&format!("/events/{event}/dashboard")).await;
    let listed = list(&api, event).await;
    assert_eq!((listed.len(), &listed[0]["lastUsedAt"]), (1, &Value::Null));
    share.revoke(&organizer, event).await;
    let refused = recipient.get(&format!("/events/{event}/dashboard")).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    world.end().await;
}

#[tokio::test]
async fn no_secret_of_a_link_is_stored_or_logged() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let url = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("SHARE_DATABASE_URL", world.database.share_url.as_str()),
        ("LOG_FILTER", "trace"),
    ];
    let mut query = Service::start("analytics-query", &url).await;
    let api = Api::at(&query.url(""));
    let organizer = api.of_tenant(tenant);
    let password = "correct horse battery staple";
    let settings = json!({"sections": ["metrics"], "password": password});
    let share = Share::create(&organizer, event, &settings).await;
    for password in [json!(null), json!("wrong horse battery"), json!(password)] {
        open(&api, &json!({"link": share.secret, "password": password})).await;
    }
    let opened = open(&api, &json!({"link": share.secret, "password": password})).await;
    let opened: Value = opened.json().await.unwrap();
    let token = opened["accessToken"].as_str().unwrap();
    let recipient = api.bearing(token.to_owned());
    recipient.read(&format!("/events/{event}/dashboard")).await;
    share.revoke(&organizer, event).await;
    recipient.get(&format!("/events/{event}/dashboard")).await;
    assert!(query.terminate().await.success());
    let (logged, stored) = (query.logged(), world.database.dump().await);
    let random = share.secret.strip_prefix("asl_").unwrap();
    assert!(stored.contains("$argon2id$"));
    for secret in [random, password, "wrong horse battery", token, "$argon2id$"] {
        assert!(!logged.contains(secret), "{secret}");
        assert!(
            secret == "$argon2id$" || !stored.contains(secret),
            "{secret}"
        );
    }
    // Creating and revoking are in the audit log.
    let audited = logged
        .lines()
        .filter(|line| line.contains("audited request"));
    let audited: Vec<_> = audited.filter(|line| line.contains("shares")).collect();
    assert_eq!(audited.len(), 2, "{audited:?}");
    world.end().await;
}
