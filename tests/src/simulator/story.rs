//! All facts of the simulation: the same for every run on the same day.

use chrono::{DateTime, Utc};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;

use super::{Event, Fact, Message, Post, people, platform::Registration, web};

/// The seed of the random numbers.
const SEED: u64 = 20_26;
/// One view of now for so many of the past.
const LIVE_OF: usize = 50;
/// One of so many is sent twice.
const ONE_TWICE_OF: u32 = 20;

/// The facts to send, and their expected content.
#[derive(Debug)]
pub struct Story {
    /// The event.
    pub event: Event,
    /// The posts of a service about browsers, some of them twice.
    pub posts: Vec<Post>,
    /// The posts of the event's page.
    pub live: Vec<Post>,
    /// The messages of the platform, some of them twice, and some before their registration.
    pub messages: Vec<Message>,
    /// The expected facts, each once.
    pub facts: Vec<Fact>,
    /// The number of repeated requests.
    pub repeated_posts: usize,
    /// The number of repeated messages.
    pub repeated_messages: usize,
    /// The number of messages that are sent before their registration.
    pub early_messages: usize,
}

impl Story {
    /// Generates the facts of an event with this number of page views, up to `now`.
    #[must_use]
    pub fn tell(views: usize, now: DateTime<Utc>) -> Self {
        let mut rng = StdRng::seed_from_u64(SEED);
        let event = Event::before(now, &mut rng);
        let crowd = people::crowd(views / 3 + 1, &mut rng);
        let mut visits = web::views(&event, &crowd, views, &mut rng);
        let starts = web::starts(&visits, &mut rng);
        let lives: Vec<_> = starts
            .iter()
            .filter_map(|start| Registration::after(start, &mut rng))
            .collect();
        visits.extend(starts);
        let live_visits = web::live_views(&event, &crowd, views / LIVE_OF, now, &mut rng);

        let told = visits.iter().chain(&live_visits);
        let mut facts: Vec<_> = told.map(web::Visit::fact).collect();
        let live = live_visits.iter().map(|visit| visit.post(&event, &mut rng));
        let live: Vec<_> = live.collect();
        let posts = visits.iter().map(|visit| visit.post(&event, &mut rng));
        let posts: Vec<_> = posts.collect();
        let (mut early, mut in_time) = (Vec::new(), Vec::new());
        for life in lives {
            for (place, (fact, message)) in life.life(&event, &mut rng).into_iter().enumerate() {
                let overtakes = place > 0 && rng.random_ratio(1, 20);
                let messages = if overtakes { &mut early } else { &mut in_time };
                messages.push(as_sent(message, &mut rng));
                facts.push(fact);
            }
        }
        let early_messages = early.len();
        let messages: Vec<_> = early.into_iter().chain(in_time).collect();
        let (once_posted, once_told) = (posts.len(), messages.len());
        let posts = some_twice(posts, &mut rng);
        let messages = some_twice(messages, &mut rng);
        Self {
            repeated_posts: posts.len() - once_posted,
            repeated_messages: messages.len() - once_told,
            early_messages,
            event,
            posts,
            live,
            messages,
            facts,
        }
    }
}

/// One in ten publishers encodes JSON in a JSON string.
fn as_sent(message: Message, rng: &mut StdRng) -> Message {
    if rng.random_ratio(1, 10) {
        let body = Value::from(message.body.to_string());
        Message { body, ..message }
    } else {
        message
    }
}

fn some_twice<T: Clone>(sent: Vec<T>, rng: &mut impl Rng) -> Vec<T> {
    let times = |one| {
        let times = if rng.random_ratio(1, ONE_TWICE_OF) {
            2
        } else {
            1
        };
        std::iter::repeat_n(one, times)
    };
    sent.into_iter().flat_map(times).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::TimeDelta;

    use super::*;
    use crate::simulator::Kind;

    fn story() -> Story {
        Story::tell(2_000, "2026-11-23T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_story_is_the_same_every_time() {
        let (one, other) = (story(), story());
        assert_eq!(one.event.id, other.event.id);
        assert_eq!(format!("{:?}", one.facts), format!("{:?}", other.facts));
        assert_eq!(format!("{:?}", one.posts), format!("{:?}", other.posts));
        assert_eq!(format!("{:?}", one.live), format!("{:?}", other.live));
    }

    #[test]
    fn everything_happens_between_publication_and_now_whatever_day_it_is() {
        let first: DateTime<Utc> = "2027-10-01T22:30:00Z".parse().unwrap();
        for day in 0..366 {
            let now = first + TimeDelta::days(day);
            let Story { event, facts, .. } = Story::tell(100, now);
            for fact in facts {
                assert!((event.published_at..now).contains(&fact.at), "{fact:?}");
            }
        }
    }

    #[test]
    fn the_page_sends_recent_views_of_visitors_that_it_does_not_know() {
        let story = story();
        assert_eq!(story.live.len(), 2_000 / LIVE_OF);
        for Post { body } in story.live {
            let at: DateTime<Utc> = body["createdAt"].as_str().unwrap().parse().unwrap();
            let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
            assert!((now - TimeDelta::minutes(10)..now).contains(&at), "{body}");
            assert!(body["properties"]["visitorId"].is_string() && body["userId"].is_null());
        }
    }

    #[test]
    fn two_of_five_who_register_have_viewed_anonymously_and_are_linked_by_their_start() {
        let facts = story().facts;
        let of_kind = |kind| facts.iter().filter(move |fact| fact.kind == kind);
        let viewers: HashSet<_> = of_kind(Kind::View).map(|view| &view.visitor).collect();
        let linked: HashSet<_> = of_kind(Kind::Started)
            .filter(|start| {
                start
                    .browser
                    .as_ref()
                    .is_some_and(|browser| viewers.contains(browser))
            })
            .map(|start| &start.visitor)
            .collect();
        let registered: HashSet<_> = of_kind(Kind::Registered).map(|one| &one.visitor).collect();
        let both = registered.intersection(&linked).count();
        assert!(
            5 * both >= 2 * registered.len(),
            "{both} of {}",
            registered.len()
        );
        assert!(of_kind(Kind::Registered).any(|one| one.source == "unknown"));
    }

    #[test]
    fn every_kind_happens_and_every_post_is_of_one_fact() {
        let story = story();
        for kind in Kind::ALL {
            assert!(story.facts.iter().any(|fact| fact.kind == kind), "{kind:?}");
        }
        let ids: HashSet<_> = story
            .posts
            .iter()
            .map(|post| post.body["id"].to_string())
            .collect();
        assert_eq!(ids.len() + story.repeated_posts, story.posts.len());
        assert!(story.repeated_posts > 0 && story.messages.iter().any(|one| one.body.is_string()));
    }
}
