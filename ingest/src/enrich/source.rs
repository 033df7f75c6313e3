//! Where a visitor came from.

use serde_json::{Map, Value};

/// The source of facts that nobody sent.
const DIRECT: &str = "direct";

/// The first of: the source, the UTM source, the referrer's host, the source of the registration
/// that the fact follows, `direct`.
#[must_use]
pub fn source(properties: &Map<String, Value>, of_registration: Option<&str>) -> String {
    ["source", "utmSource", "referrer"]
        .iter()
        .find_map(|name| properties.get(*name).and_then(Value::as_str))
        .or(of_registration)
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
