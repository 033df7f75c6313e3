//! Bodies with a byte order mark and compressed messages are read, within bounds.

use analytics_shared::clock;
use analytics_tests::{compression::compressed, fact::Fact, world::World};
use serde_json::{Value, json};
use uuid::Uuid;

const MIB: usize = 1024 * 1024;

fn registration(tenant: Uuid, event: Uuid) -> Vec<u8> {
    let body = json!({"registrationId": Uuid::now_v7(), "eventId": event, "tenantId": tenant,
        "occurredAt": clock::now()});
    body.to_string().into_bytes()
}

#[tokio::test]
async fn a_byte_order_mark_before_a_body_or_a_message_is_read() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let view = Fact::view(event).to_string();
    for (path, content_type, body) in [
        ("/track", "application/json", view.clone()),
        ("/track", "text/plain", format!("\n{view}")),
        ("/track/batch", "application/json", format!("[{view}]")),
        ("/track/batch", "application/x-ndjson", view.clone()),
    ] {
        let request =
            world
                .write()
                .anonymous()
                .request_bytes(path, content_type, format!("\u{feff}{body}"));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 202, "{path} {content_type}");
    }
    let message = String::from_utf8(registration(tenant, event)).unwrap();
    let inner = Value::from(format!("\u{feff}{message}")).to_string();
    for body in [
        format!("\u{feff}{message}"),
        format!("\u{feff}{inner}").replacen("\"registrationId", "\"registrationId", 1),
    ] {
        world
            .broker
            .publish_bytes("registration.created", body.as_bytes())
            .await;
    }
    // The two messages are of one registration.
    world.until_stored(5).await;
    assert_eq!(world.broker.waiting(".dead-letters").await, 0);
    world.end().await;
}

#[tokio::test]
async fn a_compressed_message_is_decoded() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let body = compressed(encoding, &registration(tenant, event)).await;
        let name = encoding.to_uppercase();
        world
            .broker
            .publish_encoded("registration.created", &name, &body)
            .await;
    }
    // Not a compression, but the name of a character encoding, which Celery writes there.
    for encoding in ["utf-8", "identity", ""] {
        let body = registration(tenant, event);
        world
            .broker
            .publish_encoded("registration.created", encoding, &body)
            .await;
    }
    world.until_stored(7).await;
    assert_eq!(
        world.dashboard(tenant, event, "").await.total_registrations,
        7
    );
    world.end().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_decoded_is_a_dead_letter_that_says_so() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let body = registration(tenant, event);
    let bomb = vec![b' '; 200 * MIB];
    for (encoding, body, expected) in [
        ("snappy", body.clone(), "content-encoding: must be one of"),
        (
            "gzip, gzip",
            body.clone(),
            "content-encoding: must be one of",
        ),
        ("gzip", body.clone(), "body: is not valid gzip"),
        (
            "zstd",
            compressed("gzip", &body).await,
            "body: is not valid zstd",
        ),
        (
            "gzip",
            compressed("gzip", &bomb).await,
            "body: must be at most 1048576 bytes",
        ),
        (
            "zstd",
            compressed("zstd", &bomb).await,
            "body: must be at most 1048576 bytes",
        ),
        (
            "br",
            compressed("br", &bomb).await,
            "body: must be at most 1048576 bytes",
        ),
        (
            "",
            vec![b' '; MIB + 1],
            "body: must be at most 1048576 bytes",
        ),
    ] {
        world
            .broker
            .publish_encoded("registration.created", encoding, &body)
            .await;
        let reason = world.broker.dead_letter_reason().await;
        assert!(reason.starts_with(expected), "{encoding}: {reason}");
    }
    // A message of others is none of the service's business, whatever its encoding.
    world
        .broker
        .publish_encoded(
            "registration.created",
            "gzip",
            &compressed("gzip", &body).await,
        )
        .await;
    world.until_stored(1).await;
    let memory = world.ingest.peak_memory_kib() / 1024;
    assert!(memory < 300, "{memory} MiB");
    world.end().await;
}
