//! The facts of the benches, in the proportions and the order of a real platform; deterministic for a seed.
//!
//! Page views and started forms are independent. A registration is paid some minutes later, and its attendee
//! checks in or cancels later still, so that these facts arrive after their registration, or shortly before.

mod fact;
mod scene;
mod stream;

use chrono::{DateTime, TimeDelta, Utc};
use rand::{SeedableRng, rngs::StdRng};

pub use fact::{Deed, Fact, Registration, Visit};
pub use scene::{EVENTS, Event, Scene};
pub use stream::{Stream, Timeline};

use crate::simulator::Kind;

/// The shares of independent facts, per thousand. Payments are not included: six of seven registrations are
/// paid, 60 per thousand.
const OF_ALL: [(Kind, u32); 5] = [
    (Kind::View, 700),
    (Kind::Started, 120),
    (Kind::Registered, 70),
    (Kind::CheckedIn, 44),
    (Kind::Cancelled, 6),
];
/// The same, where registrations follow forms: seven of twelve forms lead to one.
const OF_FORMS: [(Kind, u32); 4] = [
    (Kind::View, 700),
    (Kind::Started, 120),
    (Kind::CheckedIn, 44),
    (Kind::Cancelled, 6),
];

/// The size of a platform, and the distribution of its facts.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Organizations, each with the same number of events.
    pub organizations: usize,
    /// People, each in the audience of one organization.
    pub visitors: usize,
    /// The share of the most popular event; `None` for the share by Zipf's law, by which the others share the
    /// rest.
    pub first: Option<f64>,
    /// The time over which facts are spread, up to now.
    pub span: TimeDelta,
}

/// Events, people, and facts of any number.
pub struct Mix {
    /// The events and people.
    pub scene: Scene,
    seed: u64,
    span: TimeDelta,
    now: DateTime<Utc>,
}

impl Mix {
    /// The mix of `seed`; its facts end at `now`.
    #[must_use]
    pub fn of(seed: u64, shape: &Shape, now: DateTime<Utc>) -> Self {
        Self {
            scene: Scene::set(shape, &mut StdRng::seed_from_u64(seed)),
            seed,
            span: shape.span,
            now,
        }
    }

    /// Facts of all kinds, in the order in which they arrive.
    #[must_use]
    pub fn all_kinds(&self, timeline: Timeline) -> Stream<'_> {
        Stream::new(self, timeline, &OF_ALL)
    }

    /// Facts that the platform publishes as messages.
    #[must_use]
    pub fn platform_kinds(&self, timeline: Timeline) -> Stream<'_> {
        Stream::new(self, timeline, &OF_ALL[2..])
    }

    /// This number of facts, in which every registration starts with a form that has its id.
    #[must_use]
    pub fn of_forms(&self, number: usize) -> Stream<'_> {
        Stream::new(self, Timeline::Spread(number), &OF_FORMS)
    }
}

#[cfg(test)]
mod tests;
