//! The examples for producers send facts that are stored once, also when the service is unavailable at first.

use std::process::{Command, Output};

use analytics_shared::auth::{Caller, Role};
use analytics_tests::{api::token, world::World};
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Runs an example in `docs/examples`.
async fn run(world: &World, (tenant, event): (Uuid, Uuid), program: &str, example: &str) -> Output {
    let token = token(&Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: vec![Role::Service.name().to_owned()],
    });
    let mut command = Command::new(program);
    command
        .arg(format!("{ROOT}/docs/examples/{example}"))
        .env("URL", world.ingest.url(""))
        .env("TOKEN", token)
        .env("EVENT_ID", event.to_string());
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.unwrap().unwrap()
}

#[tokio::test]
async fn the_examples_in_curl_node_and_python_store_a_registration() {
    let world = World::start().await;
    let (node, python) = (format!("{ROOT}/dev/node"), format!("{ROOT}/dev/python"));
    for (program, example, facts) in [
        ("sh", "track.sh", 1),
        (node.as_str(), "track.mjs", 2),
        (python.as_str(), "track.py", 1),
    ] {
        let tenant = Uuid::now_v7();
        let event = world.publish_event(tenant, None).await;
        let output = run(&world, (tenant, event), program, example).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example}: {errors}");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains("stored"), "{example}: {printed}");
        let sql = format!(
            "SELECT COUNT(*) FROM analytics_service.analytics_events WHERE event_id = '{event}'"
        );
        assert_eq!(world.database.number(&sql).await, facts, "{example}");
        let dashboard = world.dashboard(tenant, event, "").await;
        assert_eq!(dashboard.total_registrations, 1, "{example}");
    }
    world.end().await;
}
