//! The demo's figures, counted by the simulator as it sends, are those that the service answers.

use std::process::Command;

use analytics_tests::{process::binary, service::free_address};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_demo_equals_what_was_sent() {
    let (ingest, query) = (
        free_address().port().to_string(),
        free_address().port().to_string(),
    );
    let name = format!("test_{}", Uuid::now_v7().simple());
    let arguments = [
        "--name",
        &name,
        "--clean",
        "--exit",
        "--views",
        "1500",
        "--ingest-port",
        &ingest,
        "--query-port",
        &query,
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
}
