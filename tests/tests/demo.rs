//! The demo succeeds: the figures of the service equal those that the simulator counts.

use std::process::Command;

use analytics_tests::{
    database::TestDatabase, process::binary, service::free_address, stack::Stack,
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// Runs the demo with this name to its end, and returns the lines of standard error.
fn run(name: &str) -> String {
    let (ingest, query) = (
        free_address().port().to_string(),
        free_address().port().to_string(),
    );
    let arguments = [
        "--name",
        name,
        "--clean",
        "--exit",
        "--views",
        "1500",
        "--ingest-port",
        &ingest,
        "--query-port",
        &query,
        "--ingest-management-port",
        "0",
        "--query-management-port",
        "0",
    ];
    let mut demo = Command::new(binary("analytics-demo"));
    let output = tokio::task::block_in_place(|| demo.args(arguments).output()).unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_demo_equals_what_was_sent() {
    let errors = run(&name());
    assert!(!errors.contains("outdated"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
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
    let errors = run(&name);
    let line = format!("the schema of analytics_{name} is outdated: it is recreated");
    assert!(errors.contains(&line), "{errors}");
    // The demo drops its database at its end.
    database.keep();
    assert!(!other.migrate(&["up"]).status.success());
}
