//! A backup that is restored on another server as the guide says has the same figures.

use std::process::Command;

use analytics_shared::clock;
use analytics_tests::{
    database::{TestDatabase, with_login},
    dev_script::run_with,
    fact::Fact,
    guide, process,
    replica::Servers,
    service::Service,
    world::World,
};
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;
use uuid::Uuid;

/// Facts of several chunks, with visitors, registrations and money.
async fn fill(world: &World, tenant: Uuid, event: Uuid) {
    let write = world.write().of_service(tenant);
    for number in 0..60_u32 {
        let kinds = ["page.view", "registration.completed", "payment.completed"];
        let fact = Fact::new(kinds[number as usize % 3], event)
            .at(clock::now() - chrono::Duration::days(number.into()))
            .visitor(format!("visitor {}", number % 11))
            .registration(Uuid::now_v7())
            .payment(Uuid::now_v7(), 1_250, "EUR");
        write.store(&fact).await;
    }
}

/// The figures of a tenant, without the time of the response.
async fn figures(query: &Service, tenant: Uuid, event: Uuid) -> Vec<Value> {
    let read = analytics_tests::api::Api::at(&query.url("")).of_tenant(tenant);
    let mut figures = Vec::new();
    for path in [
        format!("/events/{event}/dashboard"),
        format!("/events/{event}/dashboard?timezone=Asia/Kathmandu"),
        format!("/events/{event}/funnel"),
        format!("/organizations/{tenant}/report"),
    ] {
        let mut answer = read.read(&path).await;
        answer.as_object_mut().unwrap().remove("asOf");
        figures.push(answer);
    }
    figures
}

/// Runs the commands of the guide.
fn follow(environment: &[(&str, &str)]) {
    for block in guide::blocks("Backup and restore", "sh") {
        if !block.starts_with("analytics-migration") {
            run_with("stack", &["sh", &block], environment)
                .unwrap_or_else(|error| panic!("{error}"));
            continue;
        }
        let (_, target) = environment
            .iter()
            .find(|(name, _)| *name == "TARGET")
            .unwrap();
        for line in block.lines() {
            let mut words = line.split_whitespace();
            let output = Command::new(process::binary(words.next().unwrap()))
                .args(words)
                .env("DATABASE_URL", target)
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{line}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_restored_as_the_guide_says_has_the_same_figures_on_another_server() {
    let servers = Servers::start();
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, Some("America/New_York")).await;
    fill(&world, tenant, event).await;
    let expected = figures(&world.query, tenant, event).await;
    assert_eq!(expected[0]["totalViews"], 20);

    let name = database_name(&world.database);
    let (server, _) = servers.primary_url.rsplit_once('/').unwrap();
    let target = format!("{server}/{name}");
    let backup = format!("/tmp/{name}.dump");
    let environment = [
        ("SOURCE", world.database.url.as_str()),
        ("BACKUP", &backup),
        ("SERVER", &servers.primary_url),
        ("TARGET", &target),
    ];
    tokio::task::block_in_place(|| follow(&environment));
    run_with("stack", &["sh", "rm \"$BACKUP\""], &environment).unwrap();

    // A login of the new server, as at the installation.
    let administrator = Database::connect(&servers.primary_url).await.unwrap();
    let login = "CREATE ROLE reader LOGIN PASSWORD 'reader' IN ROLE analytics_query";
    administrator.execute_unprepared(login).await.unwrap();
    let url = with_login(&target, "reader", "reader");
    let mut restored = Service::start("analytics-query", &[("DATABASE_URL", &url)]).await;
    assert_eq!(figures(&restored, tenant, event).await, expected);
    let ready = reqwest::get(restored.management_url("/readyz")).await;
    assert_eq!(ready.unwrap().status(), StatusCode::OK);
    assert!(restored.terminate().await.success());
    world.end().await;
}

fn database_name(database: &TestDatabase) -> String {
    let (_, name) = database.url.rsplit_once('/').unwrap();
    name.to_owned()
}
