//! The people who look at the event's page, and the ways that lead them there.

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::event::random_id;

/// A way that leads to the event's page.
#[derive(Debug)]
pub struct Arrival {
    /// The source that the service must count it under.
    pub source: &'static str,
    /// The properties that a browser sends.
    properties: &'static [(&'static str, &'static str)],
    /// Its share of registrations, in percent.
    share: u32,
}

/// All ways: named, by campaign, by referrer, and from nowhere.
static ARRIVALS: [Arrival; 5] = [
    Arrival {
        source: "newsletter",
        properties: &[("source", "newsletter")],
        share: 30,
    },
    Arrival {
        source: "instagram",
        properties: &[
            ("utmSource", "instagram"),
            ("referrer", "https://l.instagram.com/?u=1"),
        ],
        share: 25,
    },
    Arrival {
        source: "direct",
        properties: &[],
        share: 20,
    },
    Arrival {
        source: "city-guide.example",
        properties: &[(
            "referrer",
            "https://www.city-guide.example/events?reader=Sample+Attendee",
        )],
        share: 15,
    },
    Arrival {
        source: "search",
        properties: &[("source", "search"), ("utmSource", "autumn-campaign")],
        share: 10,
    },
];

impl Arrival {
    /// The properties of a fact that happens in the browser.
    pub fn properties(&self) -> Map<String, Value> {
        let pairs = self.properties.iter();
        pairs
            .map(|&(name, value)| (name.to_owned(), value.into()))
            .collect()
    }

    fn any(rng: &mut StdRng) -> &'static Self {
        ARRIVALS
            .choose_weighted(rng, |arrival| arrival.share)
            .expect("shares")
    }
}

/// Somebody.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their account, which they use when they register.
    pub account: Uuid,
    /// The account, if they are logged in while they look around.
    pub logged_in: Option<Uuid>,
    /// The visitor id of the browser.
    pub browser: String,
    usual: &'static Arrival,
}

impl Person {
    /// Whom the service must take them for while they look around.
    pub fn visitor(&self) -> String {
        match self.logged_in {
            Some(user) => user.to_string(),
            None => self.browser.clone(),
        }
    }

    /// The way that leads them here this time, mostly the usual one.
    pub fn arrival(&self, rng: &mut StdRng) -> &'static Arrival {
        if rng.random_ratio(4, 5) {
            self.usual
        } else {
            Arrival::any(rng)
        }
    }
}

/// So many people, two of five of them logged in.
pub fn crowd(size: usize, rng: &mut StdRng) -> Vec<Person> {
    let person = |number| {
        let account = random_id(rng);
        Person {
            account,
            logged_in: rng.random_ratio(2, 5).then_some(account),
            browser: format!("browser-{number}"),
            usual: Arrival::any(rng),
        }
    };
    (0..size).map(person).collect()
}

/// One of them; some come much more often than others.
pub fn one_of<'a>(crowd: &'a [Person], rng: &mut StdRng) -> &'a Person {
    let (one, other) = (
        rng.random_range(0..crowd.len()),
        rng.random_range(0..crowd.len()),
    );
    &crowd[one.min(other)]
}
