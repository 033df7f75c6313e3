//! What the bench sends: facts in the proportions and in the order of a platform's life, the same
//! for the same seed.
//!
//! Page views and forms begun are of themselves. A registration is paid some minutes later, and
//! somebody who has registered comes or cancels later still, so that whatever follows a
//! registration finds it, or just does not yet.

mod fact;
mod scene;

use std::{cmp::Reverse, collections::BinaryHeap};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::{
    RngExt, SeedableRng,
    distr::{Distribution, weighted::WeightedIndex},
    rngs::StdRng,
    seq::IndexedRandom,
};
use uuid::Builder;

pub use fact::{Deed, Fact, Registration};
use fact::{TicketType, Visit};
use scene::random_id;
pub use scene::{EVENTS, ORGANIZATIONS, Scene, VISITORS};

use crate::simulator::Kind;

/// The time over which facts are spread, up to now.
pub const SPAN: TimeDelta = TimeDelta::days(3);
/// How long a fact is on its way at most: so much they come out of order.
const ON_ITS_WAY: i64 = 2_000;

/// Facts of a thousand, of the kinds that come by themselves. Payments are missing: six of seven
/// registrations are paid, which makes 60 of a thousand.
const OF_ALL: [(Kind, u32); 5] = [
    (Kind::View, 700),
    (Kind::Started, 120),
    (Kind::Registered, 70),
    (Kind::CheckedIn, 44),
    (Kind::Cancelled, 6),
];
/// The sources that people come from, and how many of a hundred do.
const SOURCES: [(&str, u32); 5] = [
    ("newsletter", 30),
    ("instagram", 25),
    ("direct", 20),
    ("city-guide.example", 15),
    ("search", 10),
];
/// Tickets, and how many of ten people buy them.
const TICKET_TYPES: [(TicketType, u32); 2] = [
    (("Standard", 19_000), 7),
    (("Conference and workshops", 34_900), 3),
];

/// Events, people, and facts of any number.
pub struct Mix {
    /// The events and people.
    pub scene: Scene,
    seed: u64,
    now: DateTime<Utc>,
}

impl Mix {
    /// The mix that follows from `seed`; its facts end at `now`.
    #[must_use]
    pub fn of(seed: u64, now: DateTime<Utc>) -> Self {
        Self {
            scene: Scene::set(&mut StdRng::seed_from_u64(seed)),
            seed,
            now,
        }
    }

    /// So many facts of all kinds, in the order in which they arrive.
    #[must_use]
    pub fn of_everything(&self, number: usize) -> Vec<Fact> {
        Stream::new(self, number, &OF_ALL).collect()
    }

    /// So many facts that the platform tells by messages.
    #[must_use]
    pub fn of_the_platform(&self, number: usize) -> Vec<Fact> {
        Stream::new(self, number, &OF_ALL[2..]).collect()
    }
}

/// Facts as they arrive.
struct Stream<'a> {
    scene: &'a Scene,
    rng: StdRng,
    kinds: Vec<Kind>,
    shares: WeightedIndex<u32>,
    step: TimeDelta,
    moment: DateTime<Utc>,
    left: usize,
    registrations: Vec<Registration>,
    /// Those of them who are expected at the door.
    expected: Vec<usize>,
    /// Those of them who will pay, with the moment when they do.
    paying: BinaryHeap<Reverse<(DateTime<Utc>, usize)>>,
}

impl<'a> Stream<'a> {
    fn new(mix: &'a Mix, number: usize, shares: &[(Kind, u32)]) -> Self {
        let begin = mix.now - SPAN;
        let steps = i32::try_from(number).expect("a number of facts");
        Self {
            scene: &mix.scene,
            rng: StdRng::seed_from_u64(mix.seed.wrapping_add(1)),
            kinds: shares.iter().map(|(kind, _)| *kind).collect(),
            shares: WeightedIndex::new(shares.iter().map(|(_, share)| *share)).expect("shares"),
            step: SPAN / steps,
            moment: begin,
            left: number,
            registrations: Vec::new(),
            expected: Vec::new(),
            paying: BinaryHeap::new(),
        }
    }

    fn deed(&mut self) -> Deed {
        let is_due = |Reverse((due, _)): &Reverse<(DateTime<Utc>, usize)>| *due <= self.moment;
        if self.paying.peek().is_some_and(is_due)
            && let Some(Reverse((_, paying))) = self.paying.pop()
        {
            let payment = random_id(&mut self.rng);
            return Deed::Paid(self.registrations[paying].clone(), payment);
        }
        match self.kinds[self.shares.sample(&mut self.rng)] {
            Kind::View => Deed::Viewed(self.visit()),
            Kind::Started => Deed::Started(self.visit()),
            // In the beginning nobody is expected.
            Kind::CheckedIn if !self.expected.is_empty() => Deed::CheckedIn(self.somebody()),
            Kind::Cancelled if !self.expected.is_empty() => Deed::Cancelled(self.somebody()),
            _ => Deed::Registered(self.registration()),
        }
    }

    fn visit(&mut self) -> Visit {
        let event = self.scene.any_event(&mut self.rng);
        Visit {
            event: event.id,
            tenant: event.tenant,
            person: self.scene.somebody_at(event, &mut self.rng),
            source: one_of(&SOURCES, &mut self.rng),
        }
    }

    fn registration(&mut self) -> Registration {
        let Visit {
            event,
            tenant,
            person,
            source,
        } = self.visit();
        let registration = Registration {
            id: random_id(&mut self.rng),
            event,
            tenant,
            person,
            source,
            ticket_type: one_of(&TICKET_TYPES, &mut self.rng),
        };
        let number = self.registrations.len();
        self.registrations.push(registration.clone());
        self.expected.push(number);
        if self.rng.random_ratio(6, 7) {
            let after = TimeDelta::seconds(self.rng.random_range(60..240));
            self.paying.push(Reverse((self.moment + after, number)));
        }
        registration
    }

    /// One of those who are expected, who is not expected any more.
    fn somebody(&mut self) -> Registration {
        let which = self.rng.random_range(0..self.expected.len());
        let number = self.expected.swap_remove(which);
        self.registrations[number].clone()
    }
}

impl Iterator for Stream<'_> {
    type Item = Fact;

    fn next(&mut self) -> Option<Fact> {
        self.left = self.left.checked_sub(1)?;
        self.moment += self.step;
        let deed = self.deed();
        let ago = TimeDelta::milliseconds(self.rng.random_range(0..ON_ITS_WAY));
        // As much as a UUIDv7 tells.
        let at = (self.moment - ago).trunc_subsecs(3);
        let milliseconds = u64::try_from(at.timestamp_millis()).expect("after 1970");
        let id = Builder::from_unix_timestamp_millis(milliseconds, &self.rng.random()).into_uuid();
        Some(Fact { id, at, deed })
    }
}

fn one_of<T: Copy>(choices: &[(T, u32)], rng: &mut StdRng) -> T {
    let chosen = choices.choose_weighted(rng, |(_, share)| *share);
    chosen.expect("shares").0
}

#[cfg(test)]
mod tests;
