//! Dead letters can be listed with their reasons, shown, replayed and deleted.

use std::process::Output;

use analytics_shared::clock;
use analytics_tests::{process::binary, world::World};
use serde_json::{Value, json};
use uuid::Uuid;

async fn dead_letters(world: &World, arguments: &[&str]) -> Output {
    let mut program = tokio::process::Command::new(binary("analytics-ingest"));
    program
        .args(["dead-letters"])
        .env("AMQP_URL", &world.broker.url)
        .env("AMQP_QUEUE", &world.broker.queue)
        .args(arguments);
    program.output().await.unwrap()
}

async fn printed(world: &World, arguments: &[&str]) -> String {
    let output = dead_letters(world, arguments).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

async fn until_dead(world: &World, letters: u32) {
    for _ in 0..300 {
        if world.broker.waiting(".dead-letters").await == letters {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!(
        "{} dead letters",
        world.broker.waiting(".dead-letters").await
    );
}

#[tokio::test]
async fn a_check_in_that_never_got_its_registration_can_be_replayed_once_it_exists() {
    let world = World::start().await;
    let (tenant, registration) = (Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let check_in = json!({"registrationId": registration, "occurredAt": clock::now()});
    world.broker.publish("checkin.completed", &check_in).await;
    let nonsense: Value = json!({"occurredAt": "yesterday"});
    world
        .broker
        .publish("registration.created", &nonsense)
        .await;
    until_dead(&world, 2).await;

    // Listing changes nothing.
    for _ in 0..25 {
        let list = printed(&world, &["list"]).await;
        assert!(
            list.contains("no such registration") && list.contains("2 of 2 dead letters"),
            "{list}"
        );
    }
    let filtered = printed(&world, &["list", "--key", "registration.created"]).await;
    assert!(
        filtered.contains("registrationId: is missing") && !filtered.contains("checkin"),
        "{filtered}"
    );
    let list = printed(&world, &["list", "--reason", "no such registration"]).await;
    let id = list.lines().nth(1).unwrap().split(' ').next().unwrap();
    let shown = printed(&world, &["show", id]).await;
    assert!(shown.contains(&registration.to_string()), "{shown}");

    let created = json!({"registrationId": registration, "eventId": event, "tenantId": tenant,
        "ticketTypeName": "VIP", "occurredAt": clock::now()});
    world.broker.publish("registration.created", &created).await;
    world.until_stored(1).await;
    let replayed = printed(&world, &["replay", "--reason", "no such registration"]).await;
    assert!(
        replayed.contains("1 dead letters replayed, 1 kept"),
        "{replayed}"
    );
    world.until_stored(2).await;
    assert_eq!(world.dashboard(tenant, event, "").await.checked_in, 1);

    assert!(
        !dead_letters(&world, &["purge"]).await.status.success(),
        "purge without --yes"
    );
    assert!(
        printed(&world, &["purge", "--yes"])
            .await
            .contains("1 dead letters deleted")
    );
    until_dead(&world, 0).await;
    world.end().await;
}
