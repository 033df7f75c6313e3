//! The simulated visitors, and their sources.

use rand::{RngExt, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::event::random_id;

/// A traffic source.
#[derive(Debug)]
pub struct Arrival {
    /// The expected source.
    pub source: &'static str,
    /// The properties that the browser sends.
    properties: &'static [(&'static str, &'static str)],
    /// Its share of registrations, in percent.
    share: u32,
}

/// All sources: by `source`, by `utmSource`, by referrer, and direct.
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
    /// The properties of a fact from the browser.
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

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account, which is used for the registration.
    pub account: Uuid,
    /// The account, if the person is logged in for page views.
    pub logged_in: Option<Uuid>,
    /// The visitor id of the browser.
    pub browser: String,
    usual: &'static Arrival,
}

impl Person {
    /// The source of a visit, mostly the usual one.
    pub fn arrival(&self, rng: &mut StdRng) -> &'static Arrival {
        if rng.random_ratio(4, 5) {
            self.usual
        } else {
            Arrival::any(rng)
        }
    }
}

/// This number of people, two of five of them logged in.
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

/// A random person; some are much more frequent than others.
pub fn one_of<'a>(crowd: &'a [Person], rng: &mut StdRng) -> &'a Person {
    let (one, other) = (
        rng.random_range(0..crowd.len()),
        rng.random_range(0..crowd.len()),
    );
    &crowd[one.min(other)]
}
