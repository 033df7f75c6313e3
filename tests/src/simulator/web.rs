//! The facts of browsers: page views and started registrations. A service sends those of the past, an event
//! page those of now.

use chrono::{DateTime, Utc};
use rand::{RngExt, rngs::StdRng};
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::{
    Event, Fact, Kind, moments,
    people::{self, Arrival, Person},
};

/// A request to `POST /track`.
#[derive(Clone, Debug)]
pub struct Post {
    /// The body.
    pub body: Value,
}

/// A fact from the browser.
#[derive(Debug)]
pub struct Visit {
    /// The person.
    pub person: Person,
    /// The time.
    pub at: DateTime<Utc>,
    /// The source.
    pub arrival: &'static Arrival,
    kind: Kind,
}

/// Page views, in order.
pub fn views(event: &Event, crowd: &[Person], number: usize, rng: &mut StdRng) -> Vec<Visit> {
    let mut views: Vec<_> = (0..number)
        .map(|_| {
            let person = people::one_of(crowd, rng).clone();
            Visit {
                at: moments::of_campaign(event, rng),
                arrival: person.arrival(rng),
                person,
                kind: Kind::View,
            }
        })
        .collect();
    views.sort_by_key(|view| view.at);
    views
}

/// Page views of the last minutes, by visitors that the page does not know.
pub fn live_views(
    event: &Event,
    crowd: &[Person],
    number: usize,
    now: DateTime<Utc>,
    rng: &mut StdRng,
) -> Vec<Visit> {
    let mut views = views(event, crowd, number, rng);
    for view in &mut views {
        view.at = moments::just_before(now, rng);
        view.person.logged_in = None;
    }
    views
}

/// One of eight who look at the page begins to register some minutes later.
pub fn starts(views: &[Visit], rng: &mut StdRng) -> Vec<Visit> {
    let start = |view: &Visit| {
        let begins = rng.random_ratio(1, 8);
        begins.then(|| Visit {
            person: view.person.clone(),
            at: moments::minutes_after(view.at, 1, 10, rng),
            arrival: view.arrival,
            kind: Kind::Started,
        })
    };
    views.iter().filter_map(start).collect()
}

impl Visit {
    /// A page view of a visitor whom the page does not know.
    pub fn anonymous(mut person: Person, at: DateTime<Utc>, rng: &mut StdRng) -> Self {
        person.logged_in = None;
        Self {
            at,
            arrival: person.arrival(rng),
            person,
            kind: Kind::View,
        }
    }

    /// The user. Everyone has to log in for a registration.
    fn user(&self) -> Option<Uuid> {
        let is_start = self.kind == Kind::Started;
        is_start
            .then_some(self.person.account)
            .or(self.person.logged_in)
    }

    /// The visitor id under which a page is viewed without a user; the form has it from the page.
    fn browser(&self) -> Option<&str> {
        let is_anonymous = self.person.logged_in.is_none();
        is_anonymous.then_some(&self.person.browser)
    }

    /// The expected content.
    pub fn fact(&self) -> Fact {
        Fact {
            kind: self.kind,
            at: self.at,
            visitor: match self.user() {
                Some(user) => user.to_string(),
                None => self.person.browser.clone(),
            },
            browser: self.user().and(self.browser()).map(ToOwned::to_owned),
            source: self.arrival.source,
            ticket_type: None,
            tells_ticket_type_id: false,
            paid: None,
        }
    }

    /// The request body.
    pub fn post(&self, event: &Event, rng: &mut StdRng) -> Post {
        let mut properties = self.arrival.properties();
        if let Some(browser) = self.browser() {
            properties.insert("visitorId".into(), browser.into());
        }
        let mut body = json!({
            "id": time_ordered_id(self.at, rng),
            "createdAt": self.at,
            "eventType": self.kind.event_type(),
            "eventId": event.id,
            "properties": properties,
        });
        if let Some(user) = self.user() {
            body["userId"] = user.to_string().into();
        }
        Post { body }
    }
}

/// A UUIDv7 with this time.
fn time_ordered_id(at: DateTime<Utc>, rng: &mut StdRng) -> Uuid {
    let milliseconds = u64::try_from(at.timestamp_millis()).expect("after 1970");
    Builder::from_unix_timestamp_millis(milliseconds, &rng.random()).into_uuid()
}
