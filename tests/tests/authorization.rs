//! One policy decides by role, over all routes and event types.

mod credentials;
mod matrix;

use analytics_shared::auth::{Caller, Permission};
use analytics_tests::{
    api::{Api, problem},
    fact::Fact,
    service::Service,
    world::World,
};
use serde_json::json;
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The operations of a tier's OpenAPI document: method and path, with parameters as `{name}`.
pub fn documented(tier: &str) -> Vec<(String, String)> {
    let document = std::fs::read_to_string(format!("{ROOT}/openapi/{tier}.yaml")).unwrap();
    let (mut operations, mut path) = (Vec::new(), String::new());
    let paths = document
        .lines()
        .skip_while(|line| *line != "paths:")
        .skip(1);
    for line in paths.take_while(|line| line.is_empty() || line.starts_with(' ')) {
        let Some(key) = line.strip_suffix(':') else {
            continue;
        };
        if let Some(found) = key.strip_prefix("  /") {
            path = format!("/{found}");
        } else if let Some(method) = key.strip_prefix("    ").filter(|key| !key.starts_with(' ')) {
            operations.push((method.to_uppercase(), path.clone()));
        }
    }
    operations
}

#[test]
fn every_documented_route_has_a_rule() {
    for (tier, least) in [("ingest", 5), ("query", 9)] {
        let operations = documented(tier);
        assert!(operations.len() >= least, "{operations:?}");
        for (method, path) in operations {
            let permission = Permission::to_call(&method, &path);
            assert!(permission.is_some(), "{method} {path} has no rule");
        }
    }
}

#[tokio::test]
async fn roles_restrict_reading_and_exporting_if_they_are_configured() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    world.write().track(&Fact::view(event)).await;
    let environment = [
        ("DATABASE_URL", world.database.query_url.as_str()),
        ("READ_ROLES", "ORGANIZER,ANALYST"),
        ("EXPORT_ROLES", "ANALYST"),
    ];
    let restricted = Service::start("analytics-query", &environment).await;
    for (query, roles, expected) in [
        (&world.query, &[][..], [200, 200, 200]),
        (&restricted, &[], [403, 403, 403]),
        (&restricted, &["USER", "SERVICE"], [403, 403, 403]),
        (&restricted, &["ORGANIZER"], [200, 200, 403]),
        (&restricted, &["USER", "ANALYST"], [200, 200, 200]),
        (&restricted, &["ADMIN"], [200, 200, 200]),
    ] {
        let api = Api::at(&query.url("")).with(&Caller {
            tenant_id: Some(tenant),
            user_id: None,
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
        });
        let export = |dataset: &str| {
            json!({"organizationId": tenant, "dateFrom": "2026-01-01", "dateTo": "2026-12-31",
                   "format": "ndjson", "dataset": dataset})
        };
        let answers = [
            api.get(&format!("/events/{event}/dashboard")).await,
            api.post("/export", &export("daily")).await,
            api.post("/export", &export("facts")).await,
        ];
        for (answer, expected) in answers.into_iter().zip(expected) {
            assert_eq!(answer.status().as_u16(), expected, "{roles:?}");
            if expected == 403 {
                assert_eq!(problem(answer).await.1["code"], "missing_role");
            }
        }
    }
    for variable in ["READ_ROLES", "EXPORT_ROLES"] {
        let warning = format!("{variable} is not set");
        assert!(world.query.logged().contains(&warning));
        assert!(!restricted.logged().contains(&warning));
    }
    world.end().await;
}

#[tokio::test]
async fn a_missing_role_is_the_same_answer_for_every_event() {
    let world = World::start().await;
    let (tenant, stranger) = (Uuid::now_v7(), Uuid::now_v7());
    let own = world.publish_event(tenant, None).await;
    let theirs = world.publish_event(stranger, None).await;
    let write = world.write().of_tenant(tenant);
    let mut answers = Vec::new();
    for event in [own, theirs, Uuid::now_v7()] {
        let payment = Fact::new("payment.completed", event).payment("p", 100, "EUR");
        let (status, body) = problem(write.post("/track", &payment).await).await;
        assert_eq!(
            (status.as_u16(), &body["code"]),
            (403, &json!("missing_role"))
        );
        answers.push(body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    world.end().await;
}
