//! The table of the zone change, and its part of the machine-readable line.

use serde_json::{Value, json};

use crate::{
    bench::{
        query::{
            latency::{Latency, milliseconds},
            zone_change::ZoneChange,
        },
        report::rounded,
    },
    form::{self, title},
};

/// Prints the table.
pub fn table(change: &ZoneChange) {
    title(
        "Facts of the large event and another in one request: milliseconds to the acknowledgement",
    );
    let row = |name: String, latency: &Latency| {
        let time = |time| format!("{:.2}", milliseconds(time));
        [
            name,
            time(latency.median()),
            time(latency.p99()),
            time(latency.slowest()),
        ]
    };
    let during = format!(
        "during a zone change of {:.1} s",
        change.rebuild.as_secs_f64()
    );
    let rows = [
        row("before".to_owned(), &change.before),
        row(during, &change.during),
    ];
    let header = ["facts", "p50 ms", "p99 ms", "slowest"];
    form::table(header, [false, true, true, true], rows);
}

/// The object of the machine-readable line.
pub fn object(change: &ZoneChange) -> Value {
    let value = |time| json!(rounded(milliseconds(time), 1_000.0));
    json!({
        "before_p99_ms": value(change.before.p99()),
        "p99_ms": value(change.during.p99()),
        "slowest_ms": value(change.during.slowest()),
        "rebuild_ms": value(change.rebuild),
    })
}
