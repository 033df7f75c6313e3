//! Write keys: event pages send the facts of one tenant with a key, and nothing else.

use std::time::{Duration, Instant};

use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    service::Service,
    world::World,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const ORIGIN: &str = "https://tickets.example";

/// Creates a key over HTTP, and waits until it is active. Returns its id and text.
async fn create(world: &World, settings: &Value) -> (String, String) {
    let service = world.write().with_role("SERVICE");
    let answer = service.post("/write-keys", settings).await;
    let status = answer.status();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let created: Value = answer.json().await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{created}");
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    let (id, key) = (text("id"), text("key"));
    until_active(&world.write(), &key, true).await;
    (id, key)
}

/// Waits until a key is accepted, or is not.
async fn until_active(write: &Api, key: &str, is_active: bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let path = format!("/track?writeKey={key}");
    loop {
        let status = write.post(&path, &json!({})).await.status();
        if (status != StatusCode::UNAUTHORIZED) == is_active {
            return;
        }
        assert!(Instant::now() < deadline, "{status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn post(service: &Service, key: &str, origin: Option<&str>, fact: &Fact) -> RequestBuilder {
    let request = reqwest::Client::new()
        .post(service.url(&format!("/api/v1/analytics/track?writeKey={key}")))
        .header("content-type", "text/plain")
        .body(fact.to_string());
    match origin {
        Some(origin) => request.header("origin", origin),
        None => request,
    }
}

async fn code(request: RequestBuilder) -> (u16, String) {
    let (status, body) = problem(request.send().await.unwrap()).await;
    (status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_key_sends_facts_of_browsers_about_events_of_its_tenant() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let foreign = world.publish_event(stranger, None).await;
    let (_, key) = create(&world, &json!({"tenantId": tenant})).await;
    let path = format!("/track?writeKey={key}");
    let write = world.write();
    for event_type in ["page.view", "registration.started"] {
        let answer = write.post(&path, &Fact::new(event_type, event)).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
    }
    let batch = json!([Fact::view(event), Fact::view(foreign)]);
    let answer = write
        .post(&format!("/track/batch?writeKey={key}"), &batch)
        .await;
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["receipts"][0]["status"], "stored");
    assert_eq!(answer["receipts"][1]["error"]["code"], "unknown_event");

    // A foreign event is answered like one that does not exist.
    let answers = [foreign, Uuid::now_v7()]
        .map(async |event| problem(world.write().post(&path, &Fact::view(event)).await).await);
    let [of_foreign, of_unknown] = futures_util::future::join_all(answers)
        .await
        .try_into()
        .unwrap();
    assert_eq!(of_foreign, of_unknown);
    assert_eq!(of_foreign.0, StatusCode::NOT_FOUND);
    for event_type in [
        "checkin.completed",
        "registration.completed",
        "newsletter.opened",
    ] {
        let (status, _) = problem(write.post(&path, &Fact::new(event_type, event)).await).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{event_type}");
    }
    assert_eq!(
        world.dashboard_json(tenant, event, "").await["totalViews"],
        2
    );
    assert_eq!(
        world.dashboard_json(stranger, foreign, "").await["totalViews"],
        0
    );
    world.end().await;
}

#[tokio::test]
async fn a_key_is_limited_to_a_rate_and_others_are_not_affected() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let settings = json!({"tenantId": tenant, "factsPerMinute": 60});
    let (_, key) = create(&world, &settings).await;
    let (_, other) = create(&world, &json!({"tenantId": tenant})).await;
    let batch = |key: &str| format!("/track/batch?writeKey={key}");
    let views = json!(vec![Fact::view(event); 40]);
    let first = world.write().post(&batch(&key), &views).await;
    assert_eq!(first.status(), StatusCode::ACCEPTED);
    let (status, body) = problem(world.write().post(&batch(&key), &views).await).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(body["code"], "rate_limited");
    let of_other = world.write().post(&batch(&other), &views).await;
    assert_eq!(of_other.status(), StatusCode::ACCEPTED);
    // The role SERVICE is exempt, whatever key it names.
    let service = world.write().with_role("SERVICE");
    let of_service = service.post(&batch(&key), &views).await;
    assert_eq!(of_service.status(), StatusCode::ACCEPTED);
    world.until_stored(120).await;
    world.end().await;
}

#[tokio::test]
async fn a_key_is_for_the_pages_of_its_origins() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let settings = json!({"tenantId": tenant, "origins": [ORIGIN]});
    let (_, key) = create(&world, &settings).await;
    let other = json!({"tenantId": tenant, "origins": ["https://other.example"]});
    let (_, other_key) = create(&world, &other).await;
    let (ingest, view) = (&world.ingest, Fact::view(event));
    let answer = post(ingest, &key, Some(ORIGIN), &view)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(answer.headers()["access-control-allow-origin"], ORIGIN);
    for (key, origin) in [
        (&key, Some("https://other.example")),
        (&key, Some("https://evil.example")),
        (&key, None),
        (&other_key, Some(ORIGIN)),
    ] {
        let refused = code(post(ingest, key, origin, &view)).await;
        assert_eq!(refused, (403, "unknown_origin".to_owned()), "{origin:?}");
    }
    // A preflight has no key of its own: all origins of active keys are allowed.
    let ask = |origin: &str| {
        reqwest::Client::new()
            .request(Method::OPTIONS, ingest.url("/api/v1/analytics/track"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .send()
    };
    for (origin, status) in [
        (ORIGIN, 204),
        ("https://other.example", 204),
        ("https://evil.example", 403),
    ] {
        assert_eq!(
            ask(origin).await.unwrap().status().as_u16(),
            status,
            "{origin}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_revoked_key_and_an_invented_one_are_rejected_on_all_replicas() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let environment = [("DATABASE_URL", world.database.ingest_url.as_str())];
    let mut replica = Service::start("analytics-ingest", &environment).await;
    let (id, key) = create(&world, &json!({"tenantId": tenant})).await;
    let other_replica = Api::at(&replica.url(""));
    until_active(&other_replica, &key, true).await;
    let invented = format!("awk_{}", "0".repeat(64));
    for key in ["", "nonsense", &invented] {
        let rejected = code(post(&world.ingest, key, None, &Fact::view(event))).await;
        assert_eq!(rejected, (401, "invalid_write_key".to_owned()), "{key}");
    }
    let service = world.write().with_role("SERVICE");
    let revoke = || {
        let url = service.url(&format!("/write-keys/{id}"));
        let request = reqwest::Client::new().delete(url);
        request.bearer_auth(service.token().unwrap()).send()
    };
    assert_eq!(revoke().await.unwrap().status(), StatusCode::NO_CONTENT);
    until_active(&world.write(), &key, false).await;
    until_active(&other_replica, &key, false).await;
    // Again, nothing changes.
    assert_eq!(revoke().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert!(replica.terminate().await.success());
    world.end().await;
}

#[tokio::test]
async fn senders_without_a_token_need_a_key_if_it_is_required() {
    let world = World::start_with(&[("REQUIRE_WRITE_KEY", "true")]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for event in [event, Uuid::now_v7()] {
        for (path, body) in [
            ("/track", json!(Fact::view(event))),
            ("/track/batch", json!([Fact::view(event)])),
        ] {
            let (status, body) = problem(world.write().post(path, &body).await).await;
            assert_eq!(
                (status.as_u16(), &body["code"]),
                (401, &json!("write_key_required"))
            );
        }
    }
    let (_, key) = create(&world, &json!({"tenantId": tenant})).await;
    let answer = post(&world.ingest, &key, None, &Fact::view(event))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    world
        .write()
        .of_tenant(tenant)
        .store(&Fact::view(event))
        .await;
    world.end().await;
}

#[tokio::test]
async fn only_a_service_manages_keys_and_the_key_is_shown_once() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let (id, key) = create(
        &world,
        &json!({"tenantId": tenant, "name": "shop", "origins": [ORIGIN]}),
    )
    .await;
    create(
        &world,
        &json!({"tenantId": Uuid::now_v7(), "factsPerMinute": 10}),
    )
    .await;
    let service = world.write().with_role("SERVICE");
    let read = async |path: &str| -> Value { service.get(path).await.json().await.unwrap() };
    let listed = read(&format!("/write-keys?tenantId={tenant}")).await;
    assert_eq!(listed["writeKeys"].as_array().unwrap().len(), 1);
    assert_eq!(listed["writeKeys"][0]["id"], id);
    assert_eq!(listed["writeKeys"][0]["origins"], json!([ORIGIN]));
    assert_eq!(listed["writeKeys"][0]["factsPerMinute"], 60_000);
    let all = read("/write-keys").await;
    assert_eq!(all["writeKeys"].as_array().unwrap().len(), 2);
    assert!(!all.to_string().contains(&key));

    for (caller, status) in [
        (world.write(), 401),
        (world.write().of_tenant(tenant), 403),
        (world.write().with_role("ADMIN"), 403),
    ] {
        assert_eq!(caller.get("/write-keys").await.status().as_u16(), status);
        let created = caller
            .post("/write-keys", &json!({"tenantId": tenant}))
            .await;
        assert_eq!(created.status().as_u16(), status);
    }
    for (settings, field) in [
        (json!({}), "tenantId"),
        (json!({"tenantId": tenant, "name": "n".repeat(101)}), "name"),
        (
            json!({"tenantId": tenant, "origins": [ORIGIN, "https://*.example"]}),
            "origins.1",
        ),
        (
            json!({"tenantId": tenant, "factsPerMinute": 0}),
            "factsPerMinute",
        ),
        (json!({"tenantId": tenant, "surprise": 1}), "surprise"),
    ] {
        let (status, body) = problem(service.post("/write-keys", &settings).await).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(body["errors"][0]["field"], field);
    }
    // Its text is neither stored nor logged.
    let stored = "SELECT string_agg(keys::TEXT, ' ') FROM analytics_service.write_keys keys";
    let stored: String = world.database.rows(stored).await[0]
        .try_get_by_index(0)
        .unwrap();
    let random = key.strip_prefix("awk_").unwrap();
    assert!(stored.contains(&id) && !stored.contains(random));
    assert!(!world.ingest.logged().contains(random));
    world.end().await;
}

#[tokio::test]
async fn a_tenant_has_a_bounded_number_of_active_keys() {
    let world = World::start().await;
    let (tenant, other) = (Uuid::now_v7(), Uuid::now_v7());
    let service = world.write().with_role("SERVICE");
    let create = async |tenant: Uuid| {
        service
            .post("/write-keys", &json!({"tenantId": tenant}))
            .await
    };
    for _ in 0..50 {
        assert_eq!(create(tenant).await.status(), StatusCode::CREATED);
    }
    let (status, body) = problem(create(tenant).await).await;
    assert_eq!(
        (status.as_u16(), &body["code"]),
        (409, &json!("too_many_write_keys"))
    );
    assert_eq!(create(other).await.status(), StatusCode::CREATED);
    world.end().await;
}

#[tokio::test]
async fn keys_are_managed_on_the_command_line_as_well() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let run = |arguments: &[&str]| {
        let output = world
            .database
            .migrate(&[&["write-key"], arguments].concat());
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), text)
    };
    let of_tenant = tenant.to_string();
    let (created, text) = run(&[
        "create",
        "--tenant",
        &of_tenant,
        "--origins",
        ORIGIN,
        "--name",
        "shop",
    ]);
    assert!(created, "{text}");
    let value = |label: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(label));
        line.expect(label).trim().to_owned()
    };
    let (id, key) = (value("id"), value("key"));
    until_active(&world.write(), &key, true).await;
    let answer = post(&world.ingest, &key, Some(ORIGIN), &Fact::view(event))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let (listed, text) = run(&["list", "--tenant", &of_tenant]);
    assert!(
        listed && text.contains(&id) && text.contains(ORIGIN) && !text.contains(&key),
        "{text}"
    );
    assert!(run(&["revoke", &id]).0);
    until_active(&world.write(), &key, false).await;
    let (revoked, text) = run(&["revoke", "nonsense"]);
    assert!(!revoked && text.contains("nonsense"), "{text}");
    let (created, text) = run(&[
        "create",
        "--tenant",
        &of_tenant,
        "--origins",
        "https://a.example/",
    ]);
    assert!(!created && text.contains("is not an origin"), "{text}");
    world.end().await;
}
