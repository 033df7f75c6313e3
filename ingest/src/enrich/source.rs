//! The traffic source of a fact.

use serde_json::{Map, Value};

/// The source of a fact without any other.
const DIRECT: &str = "direct";

/// Returns the first of `source`, `utmSource`, the referrer's host, and the source of the registration;
/// else `direct`.
pub fn source(properties: &Map<String, Value>, registered_source: Option<&str>) -> String {
    ["source", "utmSource", "referrer"]
        .iter()
        .find_map(|name| properties.get(*name).and_then(Value::as_str))
        .or(registered_source)
        .unwrap_or(DIRECT)
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_most_explicit_source_wins() {
        for (properties, registration, expected) in [
            (
                json!({"source": "ad", "utmSource": "u", "referrer": "r.org"}),
                Some("x"),
                "ad",
            ),
            (json!({"utmSource": "u", "referrer": "r.org"}), None, "u"),
            (json!({"referrer": "r.org"}), None, "r.org"),
            (json!({}), Some("newsletter"), "newsletter"),
            (json!({}), None, "direct"),
        ] {
            assert_eq!(
                source(properties.as_object().unwrap(), registration),
                expected
            );
        }
    }
}
