//! An empty text is like none, in messages, in facts and in the settings of all programs.

use analytics_shared::clock;
use analytics_tests::{
    database::TestDatabase, fact::Fact, process::binary, service::Service, stack::Stack,
    world::World,
};
use serde_json::json;
use tokio::process::Command;
use uuid::Uuid;

#[tokio::test]
async fn an_empty_field_of_a_message_is_absent() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = Uuid::now_v7();
    let published = json!({"eventId": event, "tenantId": tenant, "title": "T", "slug": "", "startsAt": "",
        "timezone": " ", "organizationId": "", "publishedAt": "", "occurredAt": clock::now()});
    world.broker.publish("event.published", &published).await;
    world.until("SELECT COUNT(*) FROM analytics_service.tracked_events WHERE timezone IS NULL AND starts_at IS NULL", 1).await;
    let created = json!({"registrationId": "r", "eventId": event, "tenantId": tenant, "userId": "",
        "source": "", "ticketTypeId": "", "ticketTypeName": " ", "occurredAt": clock::now()});
    world.broker.publish("registration.created", &created).await;
    world.until_stored(1).await;
    // Tenant and event come from the registration.
    let paid = json!({"paymentId": "p", "registrationId": "r", "tenantId": "", "eventId": "",
        "amountCents": "", "currency": "", "occurredAt": clock::now()});
    world.broker.publish("payment.completed", &paid).await;
    world.until_stored(2).await;
    for empty in ["registrationId", "occurredAt"] {
        let mut message = created.clone();
        message[empty] = "".into();
        world.broker.publish("registration.created", &message).await;
        let reason = world.broker.dead_letter_reason().await;
        assert_eq!(reason, format!("{empty}: is missing"));
    }
    world.end().await;
}

#[tokio::test]
async fn an_empty_field_of_a_fact_is_absent() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let view = Fact::view(event).at("").tenant(Uuid::nil()).user("");
    let mut view = view.source("").visitor(" ");
    view["id"] = "".into();
    view["tenantId"] = "".into();
    world.write().anonymous().store(&view).await;
    assert_eq!(world.dashboard(tenant, event, "").await.views(), [1, 1]);
    world.end().await;
}

#[tokio::test]
async fn an_empty_setting_is_the_default() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let empty = |name| (name, "");
    let ingest = [
        ("DATABASE_URL", database.ingest_url.as_str()),
        empty("AMQP_URL"),
        empty("AMQP_QUEUE"),
        empty("AMQP_CA_FILE"),
        empty("BATCH_MAX_ROWS"),
        empty("REQUIRE_WRITE_KEY"),
        empty("CORS_ALLOWED_ORIGINS"),
        empty("TRUSTED_PROXIES"),
        empty("DEFAULT_TIMEZONE"),
        empty("JWT_AUDIENCE"),
        empty("JWT_PUBLIC_KEY_FILE"),
        empty("JWT_JWKS_URL"),
        empty("LOG_FORMAT"),
    ];
    let mut ingest = Service::start("analytics-ingest", &ingest).await;
    let query = [
        ("DATABASE_URL", database.query_url.as_str()),
        empty("CACHE_MIB"),
        empty("JWT_ISSUER"),
        empty("DATABASE_CA_FILE"),
        ("SHUTDOWN_TIMEOUT_SECONDS", " "),
    ];
    let mut query = Service::start("analytics-query", &query).await;
    assert!(ingest.terminate().await.success() && query.terminate().await.success());

    let mut migration = Command::new(binary("analytics-migration"));
    migration
        .args(["status"])
        .env("DATABASE_URL", &database.url);
    for name in ["DATABASE_CA_FILE", "LOG_FORMAT", "LOG_FILTER"] {
        migration.env(name, "");
    }
    let status = migration.output().await.unwrap();
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
}

#[tokio::test]
async fn an_empty_url_of_the_database_is_a_missing_one_and_no_role_is_no_role() {
    for program in ["analytics-ingest", "analytics-query", "analytics-migration"] {
        let mut command = Command::new(binary(program));
        command.arg(if program == "analytics-migration" {
            "status"
        } else {
            "serve"
        });
        let ended = command.env("DATABASE_URL", "").output().await.unwrap();
        let error = String::from_utf8_lossy(&ended.stderr).into_owned();
        let expected = error.contains("--database-url");
        assert!(!ended.status.success() && expected, "{program}: {error}");
    }
    let world = World::start_with(&[("WRITE_ROLES", "")]).await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let registration = Fact::new("registration.completed", event).registration("r");
    let refused = world
        .write()
        .of_service(tenant)
        .post("/track", &registration)
        .await;
    assert_eq!(refused.status(), 403);
    world.end().await;
}
