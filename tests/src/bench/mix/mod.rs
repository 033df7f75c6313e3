//! The facts that the benches send and store: in the proportions and in the order of a platform,
//! the same for the same seed.
//!
//! Page views and forms begun are of themselves. A registration is paid some minutes later, and
//! an attendee checks in or cancels later still, so that whatever follows a
//! registration finds it, or just does not yet.

mod fact;
mod scene;
mod stream;

use chrono::{DateTime, TimeDelta, Utc};
use rand::{SeedableRng, rngs::StdRng};

pub use fact::{Deed, Fact, Registration, Visit};
pub use scene::{EVENTS, Event, Scene};
pub use stream::{Stream, Timeline};

use crate::simulator::Kind;

/// Facts of a thousand, of the kinds that come by themselves. Payments are missing: six of seven
/// registrations are paid, which makes 60 of a thousand.
const OF_ALL: [(Kind, u32); 5] = [
    (Kind::View, 700),
    (Kind::Started, 120),
    (Kind::Registered, 70),
    (Kind::CheckedIn, 44),
    (Kind::Cancelled, 6),
];
/// The same where registrations do not come by themselves either: seven of twelve forms lead to one.
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
    /// People, each of them known to one organization.
    pub visitors: usize,
    /// The part of all facts that the most popular event has; without it, as much as Zipf's law
    /// gives it. The others share the rest by that law.
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
    /// The mix that follows from `seed`; its facts end at `now`.
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

    /// This number of facts of all kinds, in which every registration begins as a form with its id.
    #[must_use]
    pub fn of_forms(&self, number: usize) -> Stream<'_> {
        Stream::new(self, Timeline::Spread(number), &OF_FORMS)
    }
}

#[cfg(test)]
mod tests;
