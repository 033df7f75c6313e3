//! A whole tenant can be deleted, and no other tenant notices.

use analytics_tests::{bi_login::BiLogin, fact::Fact, share::Share, world::World};
use serde_json::json;
use uuid::Uuid;

use super::{Crowd, run, succeed, until_verified};

/// Runs `delete-tenant` with confirmation.
fn delete(world: &World, tenant: Uuid) -> String {
    let tenant = tenant.to_string();
    let arguments = ["delete-tenant", "--tenant", &tenant, "--yes"];
    succeed(&world.database, &arguments)
}

/// Two organizations. Both have facts of an event that the first one has published: the second one had sent its
/// facts before.
async fn two_organizations(world: &World) -> [Crowd; 2] {
    let (shared, second) = (Uuid::now_v7(), Uuid::now_v7());
    for visitor in 0..5 {
        let view = Fact::view(shared).visitor(format!("early-{visitor}"));
        world.write().of_tenant(second).track(&view).await;
    }
    let mut crowds = [Crowd::gather(world).await, Crowd::gather(world).await];
    world
        .publish_event_as(shared, crowds[0].tenant, Some("Asia/Tokyo"))
        .await;
    crowds[1].tenant = second;
    crowds[1].events = [
        world.publish_event(second, Some("Europe/Berlin")).await,
        shared,
        Uuid::now_v7(),
    ];
    for crowd in &mut crowds {
        crowd.send(&world.write(), 150).await;
    }
    let without_event = json!({"eventType": "newsletter.opened"});
    for crowd in &crowds {
        world
            .write()
            .of_tenant(crowd.tenant)
            .track(&without_event)
            .await;
    }
    crowds
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_deleted_tenant_is_in_any_table_and_other_tenants_are_unchanged() {
    let world = World::start().await;
    let [deleted, other] = two_organizations(&world).await;
    until_verified(&world.database).await;
    let login = BiLogin::create(&world.database, deleted.tenant);
    for crowd in [&deleted, &other] {
        let tenant = crowd.tenant.to_string();
        succeed(
            &world.database,
            &["write-key", "create", "--tenant", &tenant],
        );
        Share::to_all(&world.read().of_tenant(crowd.tenant), crowd.events[0]).await;
    }
    let figures = other.figures(&world).await;
    let tenant = deleted.tenant.to_string();
    let rows_of = |dump: &str, tenant: &str| -> Vec<String> {
        let mut rows: Vec<_> = dump
            .lines()
            .filter(|line| line.contains(tenant))
            .map(ToOwned::to_owned)
            .collect();
        rows.sort();
        rows
    };
    let dump = world.database.dump().await;
    assert!(rows_of(&dump, &tenant).len() > 100);

    let (success, text) = run(&world.database, &["delete-tenant", "--tenant", &tenant]);
    assert!(!success && text.contains("confirm with --yes"), "{text}");
    assert!(text.contains("facts (analytics_events)"), "{text}");
    let facts = |dump: &str| rows_of(dump, &other.tenant.to_string());
    assert_eq!(
        rows_of(&world.database.dump().await, &tenant).len(),
        rows_of(&dump, &tenant).len()
    );

    let text = delete(&world, deleted.tenant);
    assert!(text.contains("is deleted"), "{text}");
    let after = world.database.dump().await;
    assert_eq!(rows_of(&after, &tenant), Vec::<String>::new());
    assert!(!after.contains(&login.name));
    let keys = succeed(&world.database, &["write-key", "list"]);
    assert!(keys.contains(&other.tenant.to_string()), "{keys}");
    let links = "SELECT COUNT(*) FROM analytics_service.shared_links";
    assert_eq!(world.database.number(links).await, 1);
    // Compaction may have merged rows of the rollup, but has not changed a fact.
    assert!(facts(&after).len() > 100);
    assert_eq!(other.figures(&world).await, figures);
    until_verified(&world.database).await;
    succeed(&world.database, &["rebuild"]);
    until_verified(&world.database).await;
    assert_eq!(other.figures(&world).await, figures);

    let read = world.read().of_tenant(deleted.tenant);
    let report = read.read(&format!("/organizations/{tenant}/report")).await;
    assert_eq!(report["totals"]["totalViews"], 0);
    assert_eq!(report["totalElements"], 0);
    let (success, text) = run(
        &world.database,
        &["delete-tenant", "--tenant", &tenant, "--yes"],
    );
    assert!(!success && text.contains("nothing is stored"), "{text}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_while_facts_arrive_leaves_rollup_and_facts_equal() {
    let world = World::start().await;
    let mut crowd = Crowd::gather(&world).await;
    crowd.send(&world.write(), 200).await;
    let tenant = crowd.tenant;
    let write = world.write();
    let sending = async {
        for _ in 0..20 {
            crowd.send(&write, 20).await;
        }
    };
    let deletions = [
        world
            .database
            .spawn_migrate(&["delete-tenant", "--tenant", &tenant.to_string(), "--yes"]),
        world
            .database
            .spawn_migrate(&["delete-tenant", "--tenant", &tenant.to_string(), "--yes"]),
    ];
    sending.await;
    let mut succeeded = false;
    for deletion in deletions {
        let (success, text) = deletion.await.unwrap();
        // Of two at the same time, one may find nothing.
        assert!(success || text.contains("nothing is stored"), "{text}");
        succeeded |= success;
    }
    assert!(succeeded);
    until_verified(&world.database).await;

    crowd.send(&world.write(), 20).await;
    delete(&world, tenant);
    let left = world.database.dump().await;
    assert!(!left.contains(&tenant.to_string()), "{left}");
    world.end().await;
}
