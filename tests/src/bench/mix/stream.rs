//! Facts as they arrive.

use std::{cmp::Reverse, collections::BinaryHeap};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::{
    RngExt, SeedableRng,
    distr::{Distribution, weighted::WeightedIndex},
    rngs::StdRng,
    seq::IndexedRandom,
};
use uuid::Builder;

use super::{
    Mix,
    fact::{Deed, Fact, Registration, TicketType, Visit},
    scene::{Scene, random_id},
};
use crate::simulator::Kind;

/// How long a fact is on its way at most, in milliseconds: so much they come out of order.
pub(super) const ON_ITS_WAY: i64 = 2_000;
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

/// Registrations that something is due for, by their numbers, the next first.
type Due = BinaryHeap<Reverse<(DateTime<Utc>, usize)>>;

/// An endless life of which so many facts are told.
pub struct Stream<'a> {
    scene: &'a Scene,
    rng: StdRng,
    kinds: Vec<Kind>,
    /// Whether registrations are begun as forms.
    has_forms: bool,
    shares: WeightedIndex<u32>,
    step: TimeDelta,
    moment: DateTime<Utc>,
    left: usize,
    registrations: Vec<Registration>,
    /// Those of them who are expected at the door.
    expected: Vec<usize>,
    /// Those of them whose form will be sent.
    forms: Due,
    /// Those of them who will pay.
    paying: Due,
}

impl<'a> Stream<'a> {
    pub(super) fn new(mix: &'a Mix, number: usize, shares: &[(Kind, u32)]) -> Self {
        let steps = i32::try_from(number).expect("a number of facts");
        Self {
            scene: &mix.scene,
            rng: StdRng::seed_from_u64(mix.seed.wrapping_add(1)),
            kinds: shares.iter().map(|(kind, _)| *kind).collect(),
            has_forms: shares.iter().all(|(kind, _)| *kind != Kind::Registered),
            shares: WeightedIndex::new(shares.iter().map(|(_, share)| *share)).expect("shares"),
            step: mix.span / steps,
            moment: mix.now - mix.span,
            left: number,
            registrations: Vec::new(),
            expected: Vec::new(),
            forms: BinaryHeap::new(),
            paying: BinaryHeap::new(),
        }
    }

    fn deed(&mut self) -> Deed {
        if let Some(number) = due(&mut self.paying, self.moment) {
            let payment = random_id(&mut self.rng);
            return Deed::Paid(self.registrations[number].clone(), payment);
        }
        if let Some(number) = due(&mut self.forms, self.moment) {
            return Deed::Registered(self.complete(number));
        }
        match self.kinds[self.shares.sample(&mut self.rng)] {
            Kind::View => Deed::Viewed(self.visit()),
            Kind::Started if self.has_forms => Deed::Started(self.form()),
            Kind::Started => Deed::Started(self.visit()),
            // In the beginning nobody is expected.
            Kind::CheckedIn if !self.expected.is_empty() => Deed::CheckedIn(self.somebody()),
            Kind::Cancelled if !self.expected.is_empty() => Deed::Cancelled(self.somebody()),
            _ => {
                let visit = self.visit();
                let number = self.register(&visit);
                Deed::Registered(self.complete(number))
            }
        }
    }

    fn visit(&mut self) -> Visit {
        let event = self.scene.any_event(&mut self.rng);
        Visit {
            event: event.id,
            tenant: event.tenant,
            person: self.scene.somebody_at(event, &mut self.rng),
            source: one_of(&SOURCES, &mut self.rng),
            registration: None,
        }
    }

    /// A form of a registration, which seven of twelve send.
    #[expect(clippy::cast_possible_truncation, reason = "an hour of seconds")]
    fn form(&mut self) -> Visit {
        let visit = self.visit();
        if !self.rng.random_ratio(7, 12) {
            let registration = Some(random_id(&mut self.rng));
            return Visit {
                registration,
                ..visit
            };
        }
        let number = self.register(&visit);
        // Most are quick, a few take up to an hour.
        let pace: f64 = self.rng.random();
        let after = TimeDelta::seconds(60 + (3_600.0 * pace.powi(4)) as i64);
        self.forms.push(Reverse((self.moment + after, number)));
        Visit {
            registration: Some(self.registrations[number].id),
            ..visit
        }
    }

    /// The number of a registration that is not complete yet.
    fn register(&mut self, visit: &Visit) -> usize {
        self.registrations.push(Registration {
            id: random_id(&mut self.rng),
            event: visit.event,
            tenant: visit.tenant,
            person: visit.person,
            source: visit.source,
            ticket_type: one_of(&TICKET_TYPES, &mut self.rng),
        });
        self.registrations.len() - 1
    }

    /// The registration of that number, whose attendee is expected from now on.
    fn complete(&mut self, number: usize) -> Registration {
        self.expected.push(number);
        if self.rng.random_ratio(6, 7) {
            let after = TimeDelta::seconds(self.rng.random_range(60..240));
            self.paying.push(Reverse((self.moment + after, number)));
        }
        self.registrations[number].clone()
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

/// The number that is due first, if its moment has come.
fn due(waiting: &mut Due, moment: DateTime<Utc>) -> Option<usize> {
    let Reverse((due, number)) = *waiting.peek()?;
    (due <= moment).then(|| {
        waiting.pop();
        number
    })
}

fn one_of<T: Copy>(choices: &[(T, u32)], rng: &mut StdRng) -> T {
    let chosen = choices.choose_weighted(rng, |(_, share)| *share);
    chosen.expect("shares").0
}
