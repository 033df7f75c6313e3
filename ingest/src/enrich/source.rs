//! The traffic source of a fact.

use analytics_shared::{event_type::EventType, parse::source::normalize};
use serde_json::{Map, Value};

/// The source of a visit without any other.
const DIRECT: &str = "direct";
/// The source of a registration, check-in or payment without any other: how its person came is not known.
const UNKNOWN: &str = "unknown";

/// Returns the first of `source`, `utmSource`, the referrer's host, and the source of the registration, in the form in
/// which sources are stored; else `unknown` for a fact that the platform reports, and `direct` for one that happens in a browser.
pub fn source(
    event_type: &EventType,
    properties: &Map<String, Value>,
    registered_source: Option<&str>,
) -> String {
    let is_visit = event_type.is_public() || !event_type.is_known();
    let default = if is_visit { DIRECT } else { UNKNOWN };
    ["source", "utmSource", "referrer"]
        .iter()
        .filter_map(|name| properties.get(*name).and_then(Value::as_str))
        .chain(registered_source)
        .map(normalize)
        .find(|source| !source.is_empty())
        .unwrap_or_else(|| default.to_owned())
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{CHECKIN_COMPLETED, PAGE_VIEW, REGISTRATION_COMPLETED};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_most_explicit_source_wins() {
        for (event_type, properties, registration, expected) in [
            (
                PAGE_VIEW,
                json!({"source": "ad", "utmSource": "u", "referrer": "r.org"}),
                Some("x"),
                "ad",
            ),
            (
                PAGE_VIEW,
                json!({"utmSource": "u", "referrer": "r.org"}),
                None,
                "u",
            ),
            (PAGE_VIEW, json!({"referrer": "r.org"}), None, "r.org"),
            (
                CHECKIN_COMPLETED,
                json!({}),
                Some("newsletter"),
                "newsletter",
            ),
            (
                PAGE_VIEW,
                json!({"source": "\u{200b}.", "utmSource": " VK. "}),
                None,
                "vk",
            ),
            (PAGE_VIEW, json!({}), None, "direct"),
            ("video.played", json!({}), None, "direct"),
            (REGISTRATION_COMPLETED, json!({}), None, "unknown"),
        ] {
            let (event_type, properties) =
                (event_type.parse().unwrap(), properties.as_object().unwrap());
            assert_eq!(source(&event_type, properties, registration), expected);
        }
    }
}
