//! Who is no visitor: robots, and browsers that fetch a page before anybody looks at it.

use analytics_shared::event_type::EventType;
use iscrawl::crawler_info;
use serde_json::{Map, Value};

/// The property that keeps a fact out of all figures.
const ROBOT: &str = "robot";
/// Programs that are written with a library, an app for instance. A robot that reads pages with one
/// runs no scripts, so it never calls us; who does was written for it.
const LIBRARY: &str = "http-library";

/// Why a fact is left out of all figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// A robot's user agent.
    Robot,
    /// A page that was fetched in advance.
    Prefetch,
    /// The producer said so itself.
    Declared,
}

impl Flag {
    /// A short name, for metrics.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Robot => "robot",
            Self::Prefetch => "prefetch",
            Self::Declared => "declared",
        }
    }
}

/// Reads the list of robots: now, rather than while the first fact waits.
pub fn learn() {
    crawler_info("");
}

/// Whether a robot calls itself so. Nothing at all is no robot's name: robots have one.
#[must_use]
pub fn is_robot(user_agent: &str) -> bool {
    crawler_info(user_agent).is_some_and(|robot| !robot.tags.iter().any(|tag| tag == LIBRARY))
}

/// Marks the fact if `judged` or its producer says that nobody was there. What happens to a
/// registration or payment is true whoever tells it: such a fact never has the mark.
pub fn mark(
    event_type: &EventType,
    properties: &mut Map<String, Value>,
    judged: Option<Flag>,
) -> Option<Flag> {
    if event_type.dedup_property().is_some() {
        properties.remove(ROBOT);
        return None;
    }
    if judged.is_some() {
        properties.insert(ROBOT.to_owned(), true.into());
        return judged;
    }
    let is_declared = properties.get(ROBOT) == Some(&Value::Bool(true));
    is_declared.then_some(Flag::Declared)
}

#[cfg(test)]
mod tests {
    use analytics_shared::event_type::{PAGE_VIEW, REGISTRATION_COMPLETED};
    use serde_json::json;

    use super::*;

    #[test]
    fn robots_are_known_by_their_names() {
        for robot in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
        ] {
            assert!(is_robot(robot), "{robot}");
        }
    }

    #[test]
    fn people_and_programs_written_for_us_are_no_robots() {
        for visitor in [
            "",
            "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
            "okhttp/4.12.0",
            "python-requests/2.32.3",
            "curl/8.14.1",
        ] {
            assert!(!is_robot(visitor), "{visitor}");
        }
    }

    fn marked(event_type: &str, properties: &Value, judged: Option<Flag>) -> (Option<Flag>, Value) {
        let mut properties = properties.as_object().unwrap().clone();
        let flag = mark(&event_type.parse().unwrap(), &mut properties, judged);
        (flag, properties.into())
    }

    #[test]
    fn a_mark_is_set_by_us_or_by_the_producer() {
        let (no, yes) = (json!({"robot": false}), json!({"robot": true}));
        assert_eq!(marked(PAGE_VIEW, &no, None), (None, no.clone()));
        let prefetch = Some(Flag::Prefetch);
        assert_eq!(marked(PAGE_VIEW, &no, prefetch), (prefetch, yes.clone()));
        assert_eq!(
            marked(PAGE_VIEW, &yes, None),
            (Some(Flag::Declared), yes.clone())
        );
        assert_eq!(marked(PAGE_VIEW, &json!({"robot": "true"}), None).0, None);
    }

    #[test]
    fn what_happens_once_is_never_marked() {
        let yes = json!({"robot": true});
        assert_eq!(
            marked(REGISTRATION_COMPLETED, &yes, Some(Flag::Robot)),
            (None, json!({}))
        );
    }
}
