//! Share links are deleted some time after they have become invalid, and forget their creators.

use analytics_tests::{share::Share, world::World};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

const LINKS: &str = "SELECT COUNT(*) FROM analytics_service.shared_links";

/// Runs `analytics-migration`, which succeeds; returns what it prints.
fn migrate(world: &World, arguments: &[&str]) -> String {
    let output = world.database.migrate(arguments);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[tokio::test]
async fn a_link_is_deleted_30_days_after_it_has_become_invalid() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let organizer = world.read().of_tenant(tenant);
    for change in [
        "expires_at = NOW() - INTERVAL '31 days'",
        "revoked_at = NOW() - INTERVAL '31 days'",
        "expires_at = NOW() - INTERVAL '29 days'",
        "revoked_at = NOW() - INTERVAL '29 days'",
        "name = 'valid'",
    ] {
        let share = Share::to_all(&organizer, event).await;
        let set = format!(
            "UPDATE analytics_service.shared_links SET {change} WHERE share_id = '{}'",
            share.id
        );
        let owner = &world.database.connection;
        owner.execute_unprepared(&set).await.unwrap();
    }
    let shown = migrate(&world, &["retention", "--dry-run"]);
    assert!(shown.contains("share links (shared_links)"), "{shown}");
    assert_eq!(world.database.number(LINKS).await, 5);
    migrate(&world, &["retention"]);
    assert_eq!(world.database.number(LINKS).await, 3);
    world.end().await;
}

#[tokio::test]
async fn a_forgotten_user_is_no_longer_named_as_the_creator_of_a_link_which_stays_valid() {
    let world = World::start().await;
    let (tenant, user, other) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let event = world.publish_event(tenant, None).await;
    let share = Share::to_all(&world.read().of_user(tenant, user), event).await;
    Share::to_all(&world.read().of_user(tenant, other), event).await;
    let (of_tenant, of_user) = (tenant.to_string(), user.to_string());
    let forget = ["forget", "--tenant", &of_tenant, "--user", &of_user];
    let text = migrate(&world, &forget);
    assert!(
        text.contains("1 share links no longer name the person"),
        "{text}"
    );
    let stored = world.database.dump().await;
    assert!(!stored.contains(&of_user) && stored.contains(&other.to_string()));
    share.open(&world.read()).await;
    // Of whom nothing is stored, nothing can be forgotten.
    assert!(!world.database.migrate(&forget).status.success());
    world.end().await;
}
