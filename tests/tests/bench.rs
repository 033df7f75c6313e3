//! The benches are correct: every fact of every transport is stored once, every figure equals that of plain SQL,
//! and the last line is JSON.

use std::{path::Path, process::Command};

use analytics_tests::process::binary;
use serde_json::Value;

/// The object in the last line of the output.
fn last_line(arguments: &[&str]) -> Value {
    let (is_success, printed, errors) = run(arguments, &[]);
    assert!(is_success, "{printed}\n{errors}");
    serde_json::from_str(printed.lines().last().unwrap()).unwrap()
}

/// Runs the bench without some environment variables. Returns whether it succeeds, with its standard output and
/// standard error.
fn run(arguments: &[&str], without: &[&str]) -> (bool, String, String) {
    let mut bench = Command::new(binary("analytics-bench"));
    bench.args(arguments);
    for variable in without {
        bench.env_remove(variable);
    }
    let output = tokio::task::block_in_place(|| bench.output()).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, errors) = (text(&output.stdout), text(&output.stderr));
    (output.status.success(), printed, errors)
}

/// The directory of the programs under test, used as a baseline of the same commit.
fn programs() -> String {
    let bench = binary("analytics-bench");
    bench.parent().map(Path::display).unwrap().to_string()
}

fn assert_positive(figures: &Value, of: &str, names: &[&str]) {
    for name in names {
        let value = figures[of].pointer(&format!("/{}", name.replace('.', "/")));
        let value = value.and_then(Value::as_f64);
        assert!(
            value.is_some_and(|value| value > 0.0),
            "{of} {name}: {figures}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_line_of_the_bench_tells_speed_ratio_and_memory_of_every_way() {
    // Not a whole number of batches.
    let figures = last_line(&["ingest", "--facts", "1700", "--connections", "4,64"]);
    assert_eq!(figures.as_object().unwrap().len(), 6, "{figures}");
    assert!(figures["commit"].is_string() && figures["baseline_commit"].is_null());
    for way in ["single", "batch", "amqp", "import"] {
        let names = ["per_s", "ratio", "peak_mib", "service_us", "postgres_us"];
        assert_positive(&figures, way, &names);
        if way == "single" {
            assert_positive(&figures, way, &["connections.4.per_s"]);
            assert_eq!(
                figures[way]["per_s"], figures[way]["connections"]["64"]["per_s"],
                "{figures}"
            );
        } else {
            assert_positive(&figures, way, &["insert_ratio"]);
        }
        if way != "amqp" {
            // Messages that are stored before the start of the measurement do not count.
            assert_eq!(figures[way]["facts"], 1_700, "{figures}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_the_bench_lasts_as_long_as_it_is_told_and_stands_beside_its_baseline() {
    let programs = programs();
    let ways = ["ingest", "--only", "batch,import", "--seconds", "1"];
    let figures = last_line(&[&ways[..], &["--baseline", &programs]].concat());
    for way in ["batch", "import"] {
        let names = ["of_baseline.per_s", "of_baseline.postgres_us"];
        assert_positive(&figures, way, &names);
        for seconds in ["seconds", "baseline.seconds"] {
            let seconds = seconds.replace('.', "/");
            let lasted = figures[way].pointer(&format!("/{seconds}")).unwrap();
            assert!(lasted.as_f64().unwrap() >= 1.0, "{figures}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bench_needs_a_broker_only_for_messages() {
    let small = ["ingest", "--facts", "1000", "--only"];
    let amqp = ["AMQP_URL"];
    let (is_success, _, errors) = run(&[&small[..], &["import,amqp"]].concat(), &amqp);
    assert!(!is_success && errors.contains("set AMQP_URL"), "{errors}");
    let unreachable = ["import,amqp", "--amqp-url", "amqp://127.0.0.1:1/%2f"];
    let (is_success, _, errors) = run(&[&small[..], &unreachable].concat(), &[]);
    assert!(
        !is_success && errors.contains("does not answer"),
        "{errors}"
    );
    let (is_success, _, errors) = run(&[&small[..], &["import"]].concat(), &amqp);
    assert!(is_success, "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_line_of_the_bench_of_reading_tells_latency_growth_and_speed_of_all_it_reads() {
    // The seed is part of the name of the database: concurrent runs have different seeds.
    let seed = std::process::id().to_string();
    let sizes = [
        "query", "--facts", "2000", "--small", "1000", "--seed", &seed,
    ];
    let pace = ["--seconds", "1", "--clients", "8", "--rounds", "10"];
    let baseline = ["--baseline", &programs()];
    let figures = last_line(&[&sizes[..], &pace[..], &baseline[..]].concat());
    assert_eq!(figures.as_object().unwrap().len(), 8, "{figures}");
    assert!(figures["commit"].is_string() && figures["baseline_commit"].is_string());
    for figure in ["dashboard", "funnel", "report"] {
        let latency = ["p50_ms", "p99_ms", "growth", "speedup", "peak_mib"];
        assert_positive(&figures, figure, &latency);
        let recomputed = ["recomputed_p50_ms", "recomputed_during_export_p99_ms"];
        assert_positive(&figures, figure, &recomputed);
        let baseline = ["baseline.p50_ms", "of_baseline.recomputed_p99_ms"];
        assert_positive(&figures, figure, &baseline);
    }
    for export in ["export_csv", "export_xlsx"] {
        let names = ["ratio", "growth_mib", "of_baseline.rows_per_s"];
        assert_positive(&figures, export, &names);
    }
    let change = ["before_p99_ms", "p99_ms", "slowest_ms", "rebuild_ms"];
    assert_positive(&figures, "zone_change", &change);
}
