//! Everything that is stored about a person can be exported.

use std::collections::BTreeSet;

use analytics_tests::fact::Fact;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Crowd, World, run, succeed};

const USER: Uuid = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0002);

/// The exported facts of a person.
fn export(world: &World, tenant: Uuid, person: &[&str]) -> Vec<Value> {
    let tenant = tenant.to_string();
    let arguments = [&["export-person", "--tenant", &tenant], person].concat();
    let printed = succeed(&world.database, &arguments);
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_every_fact_of_the_person_and_none_of_another() {
    let world = World::start().await;
    let mut crowd = Crowd::gather(&world).await;
    crowd.send(&world.write(), 60).await;
    let service = world.write().with_role("SERVICE");
    let mut sent = BTreeSet::new();
    for (kind, event) in [
        ("page.view", crowd.events[0]),
        ("registration.completed", crowd.events[0]),
        ("page.view", crowd.events[2]),
    ] {
        let fact = Fact::new(kind, event)
            .tenant(crowd.tenant)
            .user(USER)
            .registration("registration-of-the-user")
            .source("newsletter");
        sent.extend(service.track(&fact).await.id);
    }
    let elsewhere = Uuid::now_v7();
    let view = Fact::view(Uuid::now_v7()).tenant(elsewhere).user(USER);
    service.store(&view).await;

    let exported = export(&world, crowd.tenant, &["--user", &USER.to_string()]);
    let ids = exported.iter().map(|fact| fact["id"].as_str().unwrap());
    let ids: BTreeSet<Uuid> = ids.map(|id| id.parse().unwrap()).collect();
    assert_eq!(ids, sent);
    let of_kind = |kind: &str| exported.iter().find(|fact| fact["eventType"] == kind);
    let completed = of_kind("registration.completed").unwrap();
    assert_eq!(completed["userId"], json!(USER));
    assert_eq!(completed["eventId"], json!(crowd.events[0]));
    assert_eq!(completed["provenance"], "service");
    assert_eq!(completed["properties"]["source"], "newsletter");
    assert_eq!(of_kind("page.view").unwrap()["provenance"], Value::Null);
    for fact in &exported {
        assert_eq!(fact["tenantId"], json!(crowd.tenant));
    }

    // A visitor without a login, of whom the crowd has several.
    let stored = format!(
        "SELECT COUNT(*) FROM analytics_service.analytics_events
         WHERE tenant_id = '{}' AND properties ->> 'visitorId' = 'browser-1'",
        crowd.tenant
    );
    let exported = export(&world, crowd.tenant, &["--visitor", "browser-1"]);
    let stored = world.database.number(&stored).await;
    assert!(stored > 0);
    assert_eq!(i64::try_from(exported.len()).unwrap(), stored);

    let unknown = Uuid::now_v7().to_string();
    let tenant = crowd.tenant.to_string();
    let arguments = ["export-person", "--tenant", &tenant, "--user", &unknown];
    let (success, text) = run(&world.database, &arguments);
    assert!(!success && text.contains("has no facts of"), "{text}");
    world.end().await;
}
