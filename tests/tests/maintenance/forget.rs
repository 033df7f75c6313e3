//! Forgetting a person changes no figure.

use analytics_tests::fact::Fact;
use uuid::Uuid;

use super::{Crowd, World, run, succeed, until_verified};

const MARA: &str = "browser-of-mara";
const USER: Uuid = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0001);

/// A crowd with two more people: a visitor, and a user whose browser has a visitor id.
async fn crowd_with_two_people(world: &World) -> Crowd {
    let mut crowd = Crowd::gather(world).await;
    crowd.send(&world.write(), 100).await;
    let write = world.write();
    for event in crowd.events {
        for days_ago in 0..4 {
            let created_at = analytics_shared::clock::now() - chrono::Duration::days(days_ago);
            let view = Fact::view(event)
                .at(created_at)
                .visitor(MARA)
                .source("source-1");
            write.of_tenant(crowd.tenant).track(&view).await;
            let start = Fact::new("registration.started", event)
                .at(created_at)
                .visitor("browser-of-the-user");
            write.of_user(crowd.tenant, USER).track(&start).await;
        }
    }
    crowd
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_person_is_in_no_table_and_every_figure_stays() {
    let world = World::start().await;
    let crowd = crowd_with_two_people(&world).await;
    let before = crowd.figures(&world).await;
    let tenant = crowd.tenant.to_string();
    let dump = world.database.dump().await;
    let (user, of_user) = (USER.to_string(), "browser-of-the-user");
    for known in [MARA, &user, of_user] {
        assert!(dump.contains(known), "{known}");
    }

    let text = succeed(
        &world.database,
        &["forget", "--tenant", &tenant, "--visitor", MARA],
    );
    assert!(text.contains("12 facts are unlinked"), "{text}");
    let text = succeed(
        &world.database,
        &["forget", "--tenant", &tenant, "--user", &user],
    );
    assert!(text.contains("12 facts are unlinked"), "{text}");

    let dump = world.database.dump().await;
    for forgotten in [MARA, &user, of_user] {
        assert!(!dump.contains(forgotten), "{forgotten} is in the database");
    }
    assert_eq!(crowd.figures(&world).await, before);
    succeed(&world.database, &["verify"]);
    succeed(&world.database, &["rebuild"]);
    until_verified(&world.database).await;
    assert_eq!(crowd.figures(&world).await, before);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_visitor_who_comes_back_is_a_new_visitor() {
    let world = World::start().await;
    let crowd = crowd_with_two_people(&world).await;
    let tenant = crowd.tenant.to_string();
    let unique = async |world: &World| {
        let dashboard = world.dashboard(crowd.tenant, crowd.events[1], "").await;
        dashboard.unique_views
    };
    let before = unique(&world).await;
    succeed(
        &world.database,
        &["forget", "--tenant", &tenant, "--visitor", MARA],
    );
    let view = Fact::view(crowd.events[1]).visitor(MARA).source("source-1");
    for _ in 0..2 {
        world.write().of_tenant(crowd.tenant).track(&view).await;
        until_verified(&world.database).await;
        assert_eq!(unique(&world).await, before + 1);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_a_person_can_be_deleted_and_then_are_counted_no_more() {
    let world = World::start().await;
    let crowd = crowd_with_two_people(&world).await;
    let tenant = crowd.tenant.to_string();
    let views = async |world: &World| {
        let dashboard = world.dashboard(crowd.tenant, crowd.events[0], "").await;
        dashboard.total_views
    };
    let before = views(&world).await;
    let text = succeed(
        &world.database,
        &["forget", "--tenant", &tenant, "--visitor", MARA, "--delete"],
    );
    assert!(text.contains("12 facts are deleted"), "{text}");
    assert_eq!(views(&world).await, before - 4);
    assert!(!world.database.dump().await.contains(MARA));
    succeed(&world.database, &["verify"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_forgotten_who_is_not_known_to_that_tenant() {
    let world = World::start().await;
    let crowd = crowd_with_two_people(&world).await;
    let before = world.database.dump().await;
    let elsewhere = Uuid::now_v7().to_string();
    let (success, text) = run(
        &world.database,
        &["forget", "--tenant", &elsewhere, "--visitor", MARA],
    );
    assert!(!success && text.contains("has no facts of"), "{text}");
    assert_eq!(
        before.matches(MARA).count(),
        world.database.dump().await.matches(MARA).count()
    );
    assert!(!crowd.figures(&world).await.is_null());
    world.end().await;
}
