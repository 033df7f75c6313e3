//! The result of the load test: a table, and as the last line one JSON object.

use std::time::Duration;

use serde_json::{Value, json};

use super::bystander::Row;
use crate::form::{table, title};

/// Prints the latencies and the peak memory of both tiers in KiB. Returns whether every row is in time.
pub fn print(rows: &[Row], memory: &[(&str, u64)], limit: Duration) -> bool {
    title("Responses to others during an attack");
    let header = [
        "attack",
        "request",
        "number",
        "failed",
        "p50 ms",
        "p99 ms",
        "slowest ms",
    ];
    let numbers = [false, false, true, true, true, true, true];
    let cells = rows.iter().map(|row| {
        [
            row.attack.to_string(),
            row.request.to_owned(),
            row.latencies.len().to_string(),
            row.failed.to_string(),
            millis(row.percentile(50)),
            millis(row.percentile(99)),
            millis(row.percentile(100)),
        ]
    });
    table(header, numbers, cells);
    for (tier, kib) in memory {
        println!("peak memory of {tier}: {} MiB", kib / 1024);
    }
    let late: Vec<Value> = rows
        .iter()
        .filter(|row| !row.is_in_time(limit))
        .map(|row| json!({"attack": row.attack.to_string(), "request": row.request}))
        .collect();
    let slowest = rows.iter().map(|row| row.percentile(100)).max();
    let slowest = slowest.unwrap_or_default().as_secs_f64() * 1_000.0;
    println!(
        "{}",
        json!({"limit_ms": limit.as_secs_f64() * 1_000.0, "slowest_ms": slowest, "late": late})
    );
    late.is_empty()
}

fn millis(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1_000.0)
}
