//! Generators make working clients of the OpenAPI documents.

use std::{collections::BTreeSet, path::Path, process::Command};

use analytics_shared::auth::{Caller, Role};
use analytics_tests::{api::token, world::World};
use serde_yaml::Value;
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The method and route of each operation of a tier.
fn operations(tier: &str) -> BTreeSet<String> {
    let document = std::fs::read_to_string(format!("{ROOT}/openapi/{tier}.yaml")).unwrap();
    let document: Value = serde_yaml::from_str(&document).unwrap();
    let paths = document["paths"].as_mapping().unwrap().iter();
    // Forms of pages are no operations of a client.
    let paths = paths.filter(|(path, _)| !path.as_str().unwrap().starts_with("/app/"));
    let operations = paths.flat_map(|(path, operations)| {
        let route = path.as_str().unwrap();
        let methods = operations.as_mapping().unwrap().keys();
        methods.map(move |method| format!("{} {route}", method.as_str().unwrap().to_uppercase()))
    });
    operations.collect()
}

/// The method and route of each operation that has been called with success.
fn called(metrics: &str) -> BTreeSet<String> {
    let label = |line: &str, name: &str| {
        let (_, value) = line.split_once(&format!("{name}=\""))?;
        Some(value.split_once('"')?.0.to_owned())
    };
    let requests = metrics.lines().filter(|line| {
        line.starts_with("analytics_http_request_duration_seconds_count")
            && label(line, "status").is_some_and(|status| status.starts_with('2'))
            && !line.ends_with(" 0")
    });
    let operations = requests.filter_map(|line| {
        Some(format!(
            "{} {}",
            label(line, "method")?,
            label(line, "route")?
        ))
    });
    operations.collect()
}

async fn calls_every_operation(client: &'static str) {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    let token = token(&Caller {
        tenant_id: Some(tenant),
        user_id: None,
        roles: vec![Role::Service.name().to_owned()],
    });
    let mut command = Command::new(format!("{ROOT}/tests/clients/generate.sh"));
    command
        .arg(client)
        .arg(Path::new(ROOT).join("target/clients"))
        .env("INGEST_URL", world.ingest.url(""))
        .env("QUERY_URL", world.query.url(""))
        .env("TOKEN", token)
        .env("EVENT_ID", event.to_string())
        .env("ORGANIZATION_ID", tenant.to_string());
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{client}: {errors}");
    for (tier, service) in [("ingest", &world.ingest), ("query", &world.query)] {
        let metrics = reqwest::get(service.management_url("/metrics")).await;
        let called = called(&metrics.unwrap().text().await.unwrap());
        let missing: Vec<_> = operations(tier).difference(&called).cloned().collect();
        assert_eq!(
            missing,
            Vec::<String>::new(),
            "{client} has called {called:?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn openapi_typescript_and_openapi_fetch() {
    calls_every_operation("openapi-fetch").await;
}

#[tokio::test]
async fn openapi_python_client() {
    calls_every_operation("openapi-python-client").await;
}

#[tokio::test]
async fn openapi_generator_python() {
    calls_every_operation("openapi-generator-python").await;
}

#[tokio::test]
async fn openapi_generator_typescript_fetch() {
    calls_every_operation("openapi-generator-typescript").await;
}
