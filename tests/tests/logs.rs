//! Logs and traces contain no secret, no token and nothing that identifies a person, at any level.

use std::process::Command;

use analytics_shared::auth::Caller;
use analytics_tests::{
    collector::Collector,
    fact::Fact,
    process::{JWT_SECRET, binary},
    service::{Service, free_address},
    watch::Watch,
    world::World,
};
use serde_json::json;
use uuid::Uuid;

const EMAIL: &str = "ann.marked@example.org";
const FIRST_NAME: &str = "Annamarked";
const LAST_NAME: &str = "Marked-Surname";
const CODE: &str = "CONFIRM-4711";
const ADDRESS: &str = "198.51.100.77";
const ADDRESS_6: &str = "2001:db8:77::1";
const AGENT: &str = "MarkedBrowser/1.0";
const REFERRER: &str = "https://referrer.example/marked";
const COOKIE: &str = "session=marked-cookie";
/// Texts that identify a person.
const PERSONAL: [&str; 9] = [
    EMAIL, FIRST_NAME, LAST_NAME, CODE, ADDRESS, ADDRESS_6, AGENT, REFERRER, COOKIE,
];

/// Sends facts with and without the texts of a person, with good and bad tokens, singly and in batches.
async fn send_texts_of_a_person(world: &World, event: Uuid, token: &str) {
    for body in [
        json!(Fact::view(event)),
        json!(Fact::view(event).property("email", EMAIL)),
        json!(Fact::view(event).source(EMAIL)),
        json!({"eventType": "page.view", "eventId": EMAIL, "surprise": EMAIL}),
        json!([EMAIL]),
    ] {
        for authorization in [
            None,
            Some(format!("Bearer {token}")),
            Some("Bearer eyJ.marked.token".to_owned()),
            Some(format!("Basic {EMAIL}")),
        ] {
            for path in ["/track", "/track/batch"] {
                let url = world
                    .ingest
                    .url(&format!("/api/v1/analytics{path}?email={EMAIL}"));
                let mut request = reqwest::Client::new().post(url).json(&body);
                for (name, value) in [
                    ("user-agent", AGENT),
                    ("x-forwarded-for", ADDRESS),
                    ("x-forwarded-for", ADDRESS_6),
                    ("referer", REFERRER),
                    ("cookie", COOKIE),
                    ("x-request-id", EMAIL),
                ] {
                    request = request.header(name, value);
                }
                if let Some(authorization) = &authorization {
                    request = request.header("authorization", authorization);
                }
                request.send().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn logs_at_trace_and_spans_contain_no_token_no_secret_and_nothing_of_a_person() {
    let collector = Collector::start().await;
    let trace = [("LOG_FILTER", "trace"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let trace = [&trace[..], &collector.environment()].concat();
    let mut world = World::start_with(&trace).await;
    let database = ("DATABASE_URL", world.database.query_url.as_str());
    let environment = [&[database], &trace[..]].concat();
    world.query = Service::start("analytics-query", &environment).await;
    let (tenant, user) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;

    // Producers: anonymous, users, services, good and bad requests.
    let caller = |roles: &[&str]| Caller {
        tenant_id: Some(tenant),
        user_id: Some(user),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
    };
    let write = world.write().with(&caller(&["SERVICE"]));
    let token = write.token().unwrap().to_owned();
    send_texts_of_a_person(&world, event, &token).await;
    // Messages of the platform: good ones, and one that becomes a dead letter.
    let registration = json!({
        "registrationId": Uuid::now_v7(), "eventId": event, "tenantId": tenant, "userId": user,
        "occurredAt": analytics_shared::clock::now(), "firstName": FIRST_NAME, "lastName": LAST_NAME,
        "email": EMAIL, "confirmationCode": CODE, "ticketTypeName": "VIP",
    });
    world
        .broker
        .publish("registration.created", &registration)
        .await;
    let malformed = json!({"registrationId": EMAIL, "email": EMAIL, "firstName": FIRST_NAME});
    world
        .broker
        .publish("registration.created", &malformed)
        .await;
    world.broker.dead_letter().await;

    // Readers.
    let read = world.read().with(&caller(&["ADMIN"]));
    let reader = read.token().unwrap().to_owned();
    for query in [
        "",
        "?source=ann.marked@example.org",
        "?dateFrom=ann.marked@example.org",
    ] {
        read.get(&format!("/events/{event}/dashboard{query}")).await;
        read.get(&format!("/organizations/{tenant}/report{query}"))
            .await;
        world
            .read()
            .get(&format!("/events/{event}/funnel{query}"))
            .await;
    }
    let export = json!({"organizationId": tenant, "format": "csv",
                        "dateFrom": "2026-11-01", "dateTo": "2026-11-30"});
    let file = read.post("/export", &export).await;
    file.bytes().await.unwrap();
    let mut watch = Watch::open(&read, event, None).await;
    watch.figures().await;
    drop(watch);

    // Libraries of ingest alone log at this level.
    assert!(world.ingest.logged().contains("TRACE"));
    let secrets = [JWT_SECRET, &token, &reader, "eyJ"];
    let spans = format!("{:#?}", collector.spans());
    for name in [
        "POST /api/v1/analytics/track",
        "GET /api",
        "process ",
        "send ",
        "commit",
    ] {
        assert!(spans.contains(name), "{name}: {spans}");
    }
    for logged in [world.ingest.logged(), world.query.logged(), spans] {
        for text in PERSONAL.iter().chain(&secrets) {
            let found = logged.lines().find(|line| line.contains(text));
            assert_eq!(found, None, "{text}");
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_a_demo_at_trace_contain_no_token_no_secret_and_no_address_of_a_person() {
    let name = format!("test_{}", Uuid::now_v7().simple());
    let ports = [free_address(), free_address()].map(|free| free.port().to_string());
    let mut demo = Command::new(binary("analytics-demo"));
    demo.env("LOG_FILTER", "trace")
        .args(["--name", &name, "--clean", "--exit", "--views", "100"])
        .args(["--ingest-port", &ports[0], "--query-port", &ports[1]])
        .args([
            "--ingest-management-port",
            "0",
            "--query-management-port",
            "0",
        ]);
    let output = tokio::task::block_in_place(|| demo.output()).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let folder = binary("analytics-demo");
    let folder = folder.ancestors().nth(2).unwrap().join("demo");
    for tier in ["ingest", "query"] {
        let path = folder.join(format!("{name}-{tier}.log"));
        let logged = std::fs::read_to_string(&path).unwrap();
        assert_eq!(logged.contains("TRACE"), tier == "ingest");
        for text in [JWT_SECRET, "eyJ", "Bearer ", "@example", "Mozilla"] {
            let found = logged.lines().find(|line| line.contains(text));
            assert_eq!(found, None, "{text}");
        }
        std::fs::remove_file(path).unwrap();
    }
}
