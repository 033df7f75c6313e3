//! Distributions over time: hours of the week, check-ins by minute, time to convert.

use serde_json::Value;

use crate::form::{count, entries, number, shade, table, text, whole};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Prints the hours of the week; darker shades are more views.
pub fn hours_of_week(hours: &Value) {
    let hours = entries(hours);
    let most = hours.iter().map(|hour| whole(&hour["views"])).max();
    let most = most.unwrap_or_default();
    let rows = hours.chunks(24).zip(WEEKDAYS).map(|(day, name)| {
        let views = || day.iter().map(|hour| whole(&hour["views"]));
        let shades = views().map(|views| shade(views, most)).collect();
        [name.to_owned(), shades, number(views().sum())]
    });
    let header = ["views by hour", "0     6     12    18    ", "views"];
    table(header, [false, false, true], rows);
}

/// Prints the minutes with most check-ins.
pub fn rush(curve: &Value) {
    const MINUTES: usize = 5;
    let mut points: Vec<_> = entries(&curve["points"]).iter().collect();
    points.sort_by_key(|point| std::cmp::Reverse(whole(&point["checkIns"])));
    points.truncate(MINUTES);
    points.sort_by_key(|point| text(&point["at"]));
    let rows = points.into_iter().map(|point| {
        let at = text(&point["at"]);
        [at, count(&point["checkIns"]), count(&point["total"])]
    });
    let header = ["busiest minutes at the door", "check-ins", "by then"];
    table(header, [false, true, true], rows);
}

/// Prints the time between the steps.
pub fn times(times: &Value) {
    let names = [
        ("from start to completion", "startToCompletion"),
        ("from completion to check-in", "completionToCheckIn"),
    ];
    let rows = names.map(|(shown, name)| {
        let one = &times[name];
        let [median, p90] = ["medianSeconds", "p90Seconds"].map(|name| duration(&one[name]));
        [shown.to_owned(), count(&one["registrations"]), median, p90]
    });
    let header = ["time", "registrations", "half within", "nine of ten within"];
    table(header, [false, true, true, true], rows);
}

/// A duration in its largest unit: 4 min, 3 h, 12 days.
fn duration(seconds: &Value) -> String {
    let Some(seconds) = seconds.as_f64() else {
        return "–".to_owned();
    };
    let units = [("days", 86_400.0), ("h", 3_600.0), ("min", 60.0)];
    let unit = units
        .into_iter()
        .find(|(_, length)| seconds >= 2.0 * length);
    let (name, length) = unit.unwrap_or(("s", 1.0));
    format!("{:.0} {name}", seconds / length)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn durations_have_the_largest_unit_that_fits_twice() {
        let said = [3.2, 119.0, 120.0, 9_000.0, 200_000.0].map(|one| duration(&json!(one)));
        assert_eq!(said, ["3 s", "119 s", "2 min", "2 h", "2 days"]);
        assert_eq!(duration(&Value::Null), "–");
    }
}
