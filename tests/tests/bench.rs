//! The bench measures what it says: every fact of every way is stored once, beside a floor, and
//! programs can read the last line.

use std::process::Command;

use analytics_tests::process::binary;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_last_line_of_the_bench_tells_speed_ratio_and_memory_of_every_way() {
    // Not a whole number of batches.
    let arguments = ["ingest", "--facts", "1700"];
    let mut bench = Command::new(binary("analytics-bench"));
    let output = tokio::task::block_in_place(|| bench.args(arguments).output()).unwrap();
    let (printed, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{printed}\n{errors}");
    let line = printed.lines().last().unwrap();
    let figures: Value = serde_json::from_str(line).unwrap();
    let ways = figures.as_object().unwrap();
    assert_eq!(ways.len(), 4, "{line}");
    for way in ["single", "batch", "amqp", "import"] {
        for figure in ["per_s", "ratio", "peak_mib"] {
            let value = figures[way][figure].as_f64();
            assert!(
                value.is_some_and(|value| value > 0.0),
                "{way} {figure}: {line}"
            );
        }
    }
}
