//! The demo succeeds: the figures of the service equal those that the simulator counts.

use std::{process::Stdio, time::Duration};

use analytics_tests::{
    api::Api, database::TestDatabase, process::binary, service::free_address, stack::Stack,
};
use sea_orm::ConnectionTrait;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use uuid::Uuid;

/// The demo with this name.
fn demo(name: &str) -> Command {
    let (ingest, query) = (
        free_address().port().to_string(),
        free_address().port().to_string(),
    );
    let mut demo = Command::new(binary("analytics-demo"));
    demo.args(["--name", name, "--clean", "--views", "1500"])
        .args(["--ingest-port", &ingest, "--query-port", &query])
        .args(["--ingest-management-port", "0"])
        .args(["--query-management-port", "0"])
        .kill_on_drop(true);
    demo
}

/// Runs the demo with this name to its end, and returns the lines of standard error.
async fn run(name: &str) -> String {
    let output = demo(name).arg("--exit").output().await.unwrap();
    let (printed, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{printed}\n{errors}");
    assert!(
        printed.contains("Every figure equals what was sent"),
        "{printed}"
    );
    errors.into_owned()
}

fn name() -> String {
    format!("test_{}", Uuid::now_v7().simple())
}

#[tokio::test]
async fn every_figure_of_the_demo_equals_what_was_sent() {
    let errors = run(&name()).await;
    assert!(!errors.contains("outdated"), "{errors}");
}

#[tokio::test]
async fn the_demo_recreates_an_outdated_schema_in_its_own_database() {
    let (stack, name) = (Stack::from_env(), name());
    let database_name = format!("analytics_{name}");
    let other = TestDatabase::create(&stack).await;
    let mut database = TestDatabase::create_named(&stack.database_url, database_name).await;
    database.bring_up();
    // As left by a program without fingerprints.
    let comment = "COMMENT ON SCHEMA analytics_service IS NULL";
    for database in [&database, &other] {
        let done = database.connection.execute_unprepared(comment).await;
        done.unwrap();
    }
    let errors = run(&name).await;
    let line = format!("the schema of analytics_{name} is outdated: it is recreated");
    assert!(errors.contains(&line), "{errors}");
    // The demo drops its database at its end.
    database.keep();
    assert!(!other.migrate(&["up"]).status.success());
}

/// Reads what the demo prints up to its link, and returns the URL of the page and the token.
async fn link(demo: &mut Child) -> (String, String) {
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("a link");
        if let Some((page, token)) = line.split_once("#token=") {
            // The rest is read, so that the demo can print it.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (page.to_owned(), token.to_owned());
        }
    }
}

#[tokio::test]
async fn the_demo_ends_with_a_link_to_the_page_of_an_event_that_goes_on() {
    let mut running = demo(&name()).stdout(Stdio::piped()).spawn().unwrap();
    let (page, token) = link(&mut running).await;
    assert!(reqwest::get(&page).await.unwrap().status().is_success());
    let (server, event) = page.split_once("/app/events/").unwrap();
    let query = Api::at(server).bearing(token);
    let views = async || {
        let dashboard = query.get(&format!("/events/{event}/dashboard")).await;
        let dashboard: Value = dashboard.json().await.unwrap();
        dashboard["totalViews"].as_u64().unwrap()
    };
    let first = views().await;
    while views().await < first + 3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let id = running.id().unwrap().to_string();
    let interrupt = Command::new("kill").args(["-INT", &id]).status().await;
    assert!(interrupt.unwrap().success());
    assert!(running.wait().await.unwrap().success());
}
