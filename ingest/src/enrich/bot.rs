//! Detection of bots and prefetches.

use analytics_shared::event_type::EventType;
use iscrawl::crawler_info;
use serde_json::{Map, Value};
use strum_macros::{EnumIter, IntoStaticStr};

/// The property that excludes a fact from all figures.
const PROPERTY: &str = "robot";
/// The tag of HTTP libraries, which are not bots: a crawler built on one would not run the page's
/// script, so a client with such a user agent was written to send facts.
const LIBRARY: &str = "http-library";

/// The reason why a fact is excluded from all figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum BotSignal {
    /// The user agent of a bot.
    Bot,
    /// A prefetch.
    Prefetch,
    /// The property `robot` of the fact.
    Declared,
}

/// Loads the list of bots, which would otherwise delay the first fact.
pub fn preload_bot_list() {
    crawler_info("");
}

/// Whether the user agent is a known bot. A missing user agent is not.
pub fn is_bot(user_agent: &str) -> bool {
    crawler_info(user_agent).is_some_and(|bot| !bot.tags.iter().any(|tag| tag == LIBRARY))
}

/// Marks the fact if a bot was detected, or if its producer marked it, and returns the reason. A
/// lifecycle fact is never marked: it is true regardless of its sender.
pub fn mark(
    event_type: &EventType,
    properties: &mut Map<String, Value>,
    detected: Option<BotSignal>,
) -> Option<BotSignal> {
    if event_type.dedup_property().is_some() {
        properties.remove(PROPERTY);
        return None;
    }
    if detected.is_some() {
        properties.insert(PROPERTY.to_owned(), true.into());
        return detected;
    }
    let is_declared = properties.get(PROPERTY) == Some(&Value::Bool(true));
    is_declared.then_some(BotSignal::Declared)
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{PAGE_VIEW, REGISTRATION_COMPLETED};
    use serde_json::json;

    use super::*;

    #[test]
    fn bots_are_detected_by_their_user_agents() {
        for bot in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
        ] {
            assert!(is_bot(bot), "{bot}");
        }
    }

    #[test]
    fn people_and_http_libraries_are_not_bots() {
        for visitor in [
            "",
            "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
            "okhttp/4.12.0",
            "python-requests/2.32.3",
            "curl/8.14.1",
        ] {
            assert!(!is_bot(visitor), "{visitor}");
        }
    }

    fn marked(
        event_type: &str,
        properties: &Value,
        detected: Option<BotSignal>,
    ) -> (Option<BotSignal>, Value) {
        let mut properties = properties.as_object().unwrap().clone();
        let signal = mark(&event_type.parse().unwrap(), &mut properties, detected);
        (signal, properties.into())
    }

    #[test]
    fn a_fact_is_marked_by_detection_or_by_its_producer() {
        let (no, yes) = (json!({"robot": false}), json!({"robot": true}));
        assert_eq!(marked(PAGE_VIEW, &no, None), (None, no.clone()));
        let prefetch = Some(BotSignal::Prefetch);
        assert_eq!(marked(PAGE_VIEW, &no, prefetch), (prefetch, yes.clone()));
        assert_eq!(
            marked(PAGE_VIEW, &yes, None),
            (Some(BotSignal::Declared), yes.clone())
        );
        assert_eq!(marked(PAGE_VIEW, &json!({"robot": "true"}), None).0, None);
    }

    #[test]
    fn a_lifecycle_fact_is_never_marked() {
        let yes = json!({"robot": true});
        assert_eq!(
            marked(REGISTRATION_COMPLETED, &yes, Some(BotSignal::Bot)),
            (None, json!({}))
        );
    }
}
