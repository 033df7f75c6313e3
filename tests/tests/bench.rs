//! The benches measure what they say: every fact of every way in is stored once, every figure is what
//! plain SQL says, and programs can read the last line.

use std::process::Command;

use analytics_tests::process::binary;
use serde_json::Value;

/// The object in the last line of what the bench prints.
fn last_line(arguments: &[&str]) -> Value {
    let mut bench = Command::new(binary("analytics-bench"));
    let output = tokio::task::block_in_place(|| bench.args(arguments).output()).unwrap();
    let (printed, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{printed}\n{errors}");
    serde_json::from_str(printed.lines().last().unwrap()).unwrap()
}

fn assert_positive(figures: &Value, of: &str, names: &[&str]) {
    for name in names {
        let value = figures[of][name].as_f64();
        assert!(
            value.is_some_and(|value| value > 0.0),
            "{of} {name}: {figures}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_line_of_the_bench_tells_speed_ratio_and_memory_of_every_way() {
    // Not a whole number of batches.
    let figures = last_line(&["ingest", "--facts", "1700"]);
    assert_eq!(figures.as_object().unwrap().len(), 4, "{figures}");
    for way in ["single", "batch", "amqp", "import"] {
        assert_positive(&figures, way, &["per_s", "ratio", "peak_mib"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_line_of_the_bench_of_reading_tells_latency_growth_and_speed_of_all_it_reads() {
    // The name of the database tells the seed: another run at the same time has another.
    let seed = std::process::id().to_string();
    let sizes = [
        "query", "--facts", "2000", "--small", "1000", "--seed", &seed,
    ];
    let pace = ["--seconds", "1", "--clients", "8"];
    let figures = last_line(&[&sizes[..], &pace[..]].concat());
    assert_eq!(figures.as_object().unwrap().len(), 5, "{figures}");
    for figure in ["dashboard", "funnel", "report"] {
        let names = ["p50_ms", "p99_ms", "growth", "speedup"];
        assert_positive(&figures, figure, &names);
    }
    for export in ["export_csv", "export_xlsx"] {
        assert_positive(&figures, export, &["ratio", "growth_mib"]);
    }
}
