//! Tokens are verified with pinned algorithms and current keys, and nothing outlives them.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use analytics_shared::{
    auth::{Caller, TokenRules, TokenSigner},
    clock,
};
use analytics_tests::{
    api::{Api, problem},
    database::TestDatabase,
    issuer::Issuer,
    keys::SigningKey,
    process::{JWT_SECRET, SESSION_SECRET, binary},
    service::Service,
    stack::Stack,
    world::World,
};
use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};
use uuid::Uuid;

/// The time in which a refused setting ends a program.
const START: Duration = Duration::from_secs(20);
/// The time between two requests for a JWK Set, and a little more.
const REFRESH: Duration = Duration::from_secs(31);

fn claims(tenant: Uuid) -> Value {
    json!({"exp": clock::now().timestamp() + 600, "tenantId": tenant, "roles": []})
}

/// The status of a read of the tenant's own report.
async fn status(query: &Service, tenant: Uuid, token: &str) -> u16 {
    let api = Api::at(&query.url("")).bearing(token.to_owned());
    let answer = api.get(&format!("/organizations/{tenant}/report")).await;
    answer.status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_an_issuer_are_followed_and_unknown_ids_do_not_flood_it() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let tenant = Uuid::now_v7();
    let [rsa, ec, ed, next] = [
        SigningKey::rsa(),
        SigningKey::ec(),
        SigningKey::ed(),
        SigningKey::ec(),
    ];
    let secret = "a shared secret that is in the set";
    let symmetric = json!({"kty": "oct", "kid": "oct", "alg": "HS256", "k": "YSBzaGFyZWQgc2VjcmV0IHRoYXQgaXMgaW4gdGhlIHNldA"});
    let issuer = Issuer::start(&[rsa.jwk("rsa"), ec.jwk("ec"), ed.jwk("ed"), symmetric]).await;
    let environment = [
        ("DATABASE_URL", database.query_url.as_str()),
        ("JWT_JWKS_URL", &issuer.url),
    ];
    let query = Service::start("analytics-query", &environment).await;
    let started = Instant::now();
    for (key, id) in [(&rsa, "rsa"), (&ec, "ec"), (&ed, "ed")] {
        assert_eq!(
            status(&query, tenant, &key.sign(Some(id), &claims(tenant))).await,
            200,
            "{id}"
        );
        assert_eq!(
            status(&query, tenant, &key.sign(None, &claims(tenant))).await,
            200,
            "{id}"
        );
    }
    // The secret of the configuration counts beside them, and a secret of the set does not.
    let signer = TokenSigner::new(JWT_SECRET, TokenRules::default());
    let caller = Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: Vec::new(),
    };
    let hour = chrono::Duration::hours(1);
    let own = signer.sign(&caller, clock::now(), hour).unwrap();
    assert_eq!(status(&query, tenant, &own).await, 200);
    let leaked = TokenSigner::new(secret, TokenRules::default());
    let leaked = leaked.sign(&caller, clock::now(), hour).unwrap();
    assert_eq!(status(&query, tenant, &leaked).await, 401);

    issuer.publish(&[ec.jwk("ec"), next.jwk("next")]);
    let storm = (0..300).map(|number| {
        let token = next.sign(Some(&format!("unknown {number}")), &claims(tenant));
        let query = &query;
        async move { status(query, tenant, &token).await }
    });
    let statuses = futures_util::future::join_all(storm).await;
    assert!(statuses.iter().all(|status| *status == 401));
    assert_eq!(
        issuer.requests(),
        1,
        "{:?} after the start",
        started.elapsed()
    );

    tokio::time::sleep(REFRESH.saturating_sub(started.elapsed())).await;
    assert_eq!(
        status(&query, tenant, &next.sign(Some("next"), &claims(tenant))).await,
        200
    );
    assert_eq!(
        status(&query, tenant, &ec.sign(Some("ec"), &claims(tenant))).await,
        200
    );
    let removed = rsa.sign(Some("rsa"), &claims(tenant));
    assert_eq!(
        status(&query, tenant, &removed).await,
        401,
        "its key was removed"
    );
    assert_eq!(issuer.requests(), 2);
    issuer.fail();
    assert_eq!(
        status(&query, tenant, &next.sign(Some("next"), &claims(tenant))).await,
        200
    );
}

#[tokio::test]
async fn without_keys_the_service_says_that_it_cannot_tell() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let tenant = Uuid::now_v7();
    let issuer = Issuer::start(&[]).await;
    issuer.fail();
    // The check of the keys is not up, so that the service cannot be awaited as others are.
    let environment = [("DATABASE_URL", database.query_url.as_str())];
    let ready = Service::start("analytics-query", &environment).await;
    let log = std::env::temp_dir().join(format!("tokens-{tenant}.log"));
    let address = analytics_tests::service::free_address();
    let environment = [
        ("DATABASE_URL", database.query_url.as_str()),
        ("JWT_JWKS_URL", &issuer.url),
    ];
    let process =
        analytics_tests::process::Process::start("analytics-query", address, log, &environment);
    let process = process.unwrap();
    let deadline = Instant::now() + START;
    let report: Value = loop {
        if let Some(url) = process.management_url("/readyz")
            && let Ok(answer) = reqwest::get(url).await
            && answer.status().is_success()
        {
            break answer.json().await.unwrap();
        }
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(report["status"], "ready");
    assert_eq!(report["checks"]["tokens"]["status"], "degraded");
    let token = SigningKey::ec().sign(Some("any"), &claims(tenant));
    let api = Api::at(&process.url("")).bearing(token.clone());
    let answer = api.get(&format!("/organizations/{tenant}/report")).await;
    assert!(answer.headers().contains_key("retry-after"));
    let (status_code, body) = problem(answer).await;
    assert_eq!(
        (status_code.as_u16(), &body["code"]),
        (503, &json!("unavailable"))
    );
    assert_eq!(status(&ready, tenant, &token).await, 401);
    let _ = std::fs::remove_file(&process.log);
}

#[tokio::test]
async fn public_keys_of_a_file_and_several_secrets_are_accepted() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let tenant = Uuid::now_v7();
    let (rsa, ed) = (SigningKey::rsa(), SigningKey::ed());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, format!("{}{}", rsa.public_pem, ed.public_pem)).unwrap();
    let former = "the former secret with its 32 bytes";
    let secrets = format!("{JWT_SECRET},{former}");
    let environment = [
        ("DATABASE_URL", database.query_url.as_str()),
        ("JWT_PUBLIC_KEY_FILE", file.path().to_str().unwrap()),
        ("JWT_SECRET", &secrets),
        ("JWT_AUDIENCE", "analytics"),
        ("JWT_ISSUER", "https://issuer.example"),
    ];
    let query = Service::start("analytics-query", &environment).await;
    let mut expected = claims(tenant);
    expected["aud"] = json!(["analytics"]);
    expected["iss"] = json!("https://issuer.example");
    let mut other = expected.clone();
    other["aud"] = json!("shop");
    let rules = || TokenRules {
        audience: Some("analytics".to_owned()),
        issuer: Some("https://issuer.example".to_owned()),
        ..TokenRules::default()
    };
    let caller = Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: Vec::new(),
    };
    let by = |secret: &str| {
        let signer = TokenSigner::new(secret, rules());
        signer
            .sign(&caller, clock::now(), chrono::Duration::hours(1))
            .unwrap()
    };
    for (token, expected) in [
        (rsa.sign(None, &expected), 200),
        (ed.sign(None, &expected), 200),
        (by(JWT_SECRET), 200),
        (by(former), 200),
        (by("another secret with its 32 bytes too"), 401),
        (by(&rsa.public_pem), 401),
        (rsa.sign(None, &other), 401),
        (rsa.sign(None, &claims(tenant)), 401),
        (SigningKey::ed().sign(None, &expected), 401),
        (SigningKey::ec().sign(None, &expected), 401),
    ] {
        assert_eq!(status(&query, tenant, &token).await, expected, "{token}");
    }
}

#[tokio::test]
async fn a_second_authorization_header_is_refused() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let token = world.read().of_tenant(tenant);
    let bearer = format!("Bearer {}", token.token().unwrap());
    let view = json!({"eventType": "page.view", "eventId": event});
    for second in [&*bearer, "Bearer e30.e30.e30", "Basic dTpw"] {
        let http = reqwest::Client::new();
        let path = format!("/api/v1/analytics/events/{event}/dashboard");
        for request in [
            http.get(world.query.url(&path)),
            http.post(world.ingest.url("/api/v1/analytics/track"))
                .json(&view),
        ] {
            let request = request
                .header("authorization", &bearer)
                .header("authorization", second);
            let (status, body) = problem(request.send().await.unwrap()).await;
            assert_eq!(status.as_u16(), 401, "{second}: {body}");
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_ends_with_its_token() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    // More than the buffers between the service and a client that does not read.
    let fill = format!(
        "INSERT INTO analytics_service.analytics_events (id, tenant_id, event_type, event_id, properties, created_at)
         SELECT gen_random_uuid(), '{tenant}', 'newsletter.opened', '{event}',
                jsonb_build_object('note', repeat(md5(n::TEXT), 60)), now() - INTERVAL '1 hour'
         FROM generate_series(1, 30000) AS n"
    );
    world.database.rows(&fill).await;
    let caller = Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: Vec::new(),
    };
    let signer = TokenSigner::new(JWT_SECRET, TokenRules::default());
    let (now, short) = (clock::now(), chrono::Duration::seconds(4));
    let today = now.date_naive();
    let token = signer.sign(&caller, now, short).unwrap();
    let body = json!({"organizationId": tenant, "dateFrom": today - chrono::Days::new(1),
                      "dateTo": today, "format": "csv"});
    let mut answer = world.read().bearing(token).post("/export", &body).await;
    assert_eq!(answer.status(), 200);
    let truncated = loop {
        match answer.chunk().await {
            Ok(Some(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(truncated && clock::now() - now < chrono::Duration::seconds(30));
    assert!(world.query.logged().contains("the token has expired"));
    world.end().await;
}

#[tokio::test]
async fn a_bad_key_setting_ends_the_program_and_is_not_printed() {
    let (short, long) = ("correct-horse", "correct-horse-battery-staple-abcdef");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let private = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let small = SigningKey::rsa_of_bits(1_024).public_pem;
    let files = [
        (file("private", &private), "private key"),
        (file("small", &small), "2,048 bits"),
        (file("text", "text"), "no PEM block"),
        (
            folder.path().join("none").to_str().unwrap().to_owned(),
            "No such file",
        ),
    ];
    let mut settings: Vec<(&str, String, &str)> = vec![
        ("JWT_SECRET", String::new(), "required"),
        ("JWT_SECRET", short.to_owned(), "13 bytes"),
        ("JWT_SECRET", format!("{long},{short}"), "13 bytes"),
        ("JWT_SECRET", format!("{long},"), "0 bytes"),
        ("SESSION_SECRET", short.to_owned(), "13 bytes"),
        ("JWT_JWKS_URL", short.to_owned(), "is not a URL"),
        (
            "JWT_JWKS_URL",
            format!("http://issuer.example/?key={short}"),
            "https://",
        ),
        (
            "JWT_JWKS_URL",
            format!("https://user:{short}@issuer.example/"),
            "credentials",
        ),
    ];
    settings.extend(files.map(|(path, reason)| ("JWT_PUBLIC_KEY_FILE", path, reason)));
    for program in ["analytics-ingest", "analytics-query"] {
        // The write tier has no sessions.
        let of_program = |variable| program == "analytics-query" || variable != "SESSION_SECRET";
        for (variable, value, reason) in settings.iter().filter(|it| of_program(it.0)) {
            let mut command = Command::new(binary(program));
            command
                .arg("serve")
                .env("DATABASE_URL", "postgres://user@127.0.0.1:1/analytics")
                .env("LISTEN_ADDR", "127.0.0.1:0")
                .env("JWT_SECRET", long)
                .env("SESSION_SECRET", SESSION_SECRET)
                .env(variable, value)
                .env("LOG_FILTER", "trace")
                .env("RUST_BACKTRACE", "full")
                .stdin(Stdio::null())
                .kill_on_drop(true);
            let ended = timeout(START, command.output()).await;
            let output = ended
                .unwrap_or_else(|_| panic!("{variable}: keeps running"))
                .unwrap();
            let printed = [output.stdout, output.stderr].concat();
            let printed = String::from_utf8_lossy(&printed);
            assert!(!output.status.success(), "{variable}: {printed}");
            let name = variable.to_lowercase().replace('_', "-");
            assert!(
                printed.contains(variable) || printed.contains(&name),
                "{printed}"
            );
            assert!(printed.contains(reason), "{reason}: {printed}");
            assert!(!printed.contains("correct-horse"), "{printed}");
        }
    }
}

#[tokio::test]
async fn a_program_without_any_key_or_without_the_secret_of_sessions_does_not_start() {
    for (variable, flag) in [
        ("JWT_SECRET", "--jwt-secret"),
        ("SESSION_SECRET", "--session-secret"),
    ] {
        let mut command = Command::new(binary("analytics-query"));
        let command = command
            .arg("serve")
            .env("DATABASE_URL", "postgres://user@127.0.0.1:1/analytics")
            .env("JWT_SECRET", JWT_SECRET)
            .env("SESSION_SECRET", SESSION_SECRET)
            .env_remove(variable)
            .kill_on_drop(true)
            .stdin(Stdio::null());
        let output = timeout(START, command.output()).await.unwrap().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && printed.contains(flag),
            "{printed}"
        );
    }
}
