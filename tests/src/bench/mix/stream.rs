//! A stream of facts in the order of their arrival.

use std::collections::BTreeMap;

use analytics_shared::clock;
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

/// The maximum delay of a fact in milliseconds, by which facts are out of order.
pub(super) const ON_ITS_WAY: i64 = 2_000;
/// The sources, with their percentages.
const SOURCES: [(&str, u32); 5] = [
    ("newsletter", 30),
    ("instagram", 25),
    ("direct", 20),
    ("city-guide.example", 15),
    ("search", 10),
];
/// The ticket types, with their shares of ten.
const TICKET_TYPES: [(TicketType, u32); 2] = [
    (("Standard", 19_000), 7),
    (("Conference and workshops", 34_900), 3),
];

/// Simulated time between two facts of an endless stream: that of 300,000 facts in three days, so that
/// a payment follows its registration after 70 to 280 facts.
const LIVE_STEP: TimeDelta = TimeDelta::milliseconds(864);
/// The maximum number of expected attendees; later ones never check in. Bounds the memory of long streams.
const MAX_EXPECTED: usize = 100_000;

/// Registrations by the time of their next fact; the number distinguishes equal times.
type Due = BTreeMap<(DateTime<Utc>, u64), Registration>;

/// The times of a stream's facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeline {
    /// This number of facts, spread evenly over the mix's time span. The stream ends with the last.
    Spread(usize),
    /// The time at which a fact is generated. The stream is endless.
    Live,
}

/// A generator of facts. It keeps only registrations with future facts.
pub struct Stream<'a> {
    scene: &'a Scene,
    rng: StdRng,
    kinds: Vec<Kind>,
    /// Whether registrations start with forms.
    has_forms: bool,
    shares: WeightedIndex<u32>,
    step: TimeDelta,
    /// The simulated time.
    moment: DateTime<Utc>,
    /// Facts until the end; `None` if the stream is endless.
    left: Option<usize>,
    /// Registrations scheduled in `forms` and `paying` so far.
    scheduled: u64,
    /// Attendees who have neither checked in nor cancelled.
    expected: Vec<Registration>,
    /// Forms that will be completed.
    forms: Due,
    /// Registrations that will be paid.
    paying: Due,
}

impl<'a> Stream<'a> {
    pub(super) fn new(mix: &'a Mix, timeline: Timeline, shares: &[(Kind, u32)]) -> Self {
        let (step, left) = match timeline {
            Timeline::Spread(number) => {
                let steps = i32::try_from(number).expect("a number of facts");
                (mix.span / steps, Some(number))
            }
            Timeline::Live => (LIVE_STEP, None),
        };
        Self {
            scene: &mix.scene,
            rng: StdRng::seed_from_u64(mix.seed.wrapping_add(1)),
            kinds: shares.iter().map(|(kind, _)| *kind).collect(),
            has_forms: shares.iter().all(|(kind, _)| *kind != Kind::Registered),
            shares: WeightedIndex::new(shares.iter().map(|(_, share)| *share)).expect("shares"),
            step,
            moment: mix.now - mix.span,
            left,
            scheduled: 0,
            expected: Vec::new(),
            forms: BTreeMap::new(),
            paying: BTreeMap::new(),
        }
    }

    fn deed(&mut self) -> Deed {
        if let Some(registration) = pop_due(&mut self.paying, self.moment) {
            return Deed::Paid(registration, random_id(&mut self.rng));
        }
        if let Some(registration) = pop_due(&mut self.forms, self.moment) {
            return Deed::Registered(self.complete(registration));
        }
        match self.kinds[self.shares.sample(&mut self.rng)] {
            Kind::View => Deed::Viewed(self.visit()),
            Kind::Started if self.has_forms => Deed::Started(self.form()),
            Kind::Started => Deed::Started(self.visit()),
            // At first there are no registrations.
            Kind::CheckedIn if !self.expected.is_empty() => Deed::CheckedIn(self.random_attendee()),
            Kind::Cancelled if !self.expected.is_empty() => Deed::Cancelled(self.random_attendee()),
            _ => {
                let visit = self.visit();
                let registration = self.register(&visit);
                Deed::Registered(self.complete(registration))
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
        let registration = self.register(&visit);
        let id = registration.id;
        // Most take minutes, a few up to an hour.
        let pace: f64 = self.rng.random();
        let after = TimeDelta::seconds(60 + (3_600.0 * pace.powi(4)) as i64);
        let due = self.schedule(after);
        self.forms.insert(due, registration);
        Visit {
            registration: Some(id),
            ..visit
        }
    }

    /// A registration that is not complete yet.
    fn register(&mut self, visit: &Visit) -> Registration {
        Registration {
            id: random_id(&mut self.rng),
            event: visit.event,
            tenant: visit.tenant,
            person: visit.person,
            source: visit.source,
            ticket_type: one_of(&TICKET_TYPES, &mut self.rng),
        }
    }

    /// Completes the registration, whose attendee is then expected.
    fn complete(&mut self, registration: Registration) -> Registration {
        if self.expected.len() < MAX_EXPECTED {
            self.expected.push(registration.clone());
        }
        if self.rng.random_ratio(6, 7) {
            let after = TimeDelta::seconds(self.rng.random_range(60..240));
            let due = self.schedule(after);
            self.paying.insert(due, registration.clone());
        }
        registration
    }

    /// The key of a fact that is due after this time.
    fn schedule(&mut self, after: TimeDelta) -> (DateTime<Utc>, u64) {
        self.scheduled += 1;
        (self.moment + after, self.scheduled)
    }

    /// Removes a random expected attendee.
    fn random_attendee(&mut self) -> Registration {
        let which = self.rng.random_range(0..self.expected.len());
        self.expected.swap_remove(which)
    }
}

impl Iterator for Stream<'_> {
    type Item = Fact;

    fn next(&mut self) -> Option<Fact> {
        let sent = match &mut self.left {
            Some(left) => {
                *left = left.checked_sub(1)?;
                self.moment + self.step
            }
            None => clock::now(),
        };
        self.moment += self.step;
        let deed = self.deed();
        let ago = TimeDelta::milliseconds(self.rng.random_range(0..ON_ITS_WAY));
        // The precision of a UUIDv7.
        let at = (sent - ago).trunc_subsecs(3);
        let milliseconds = u64::try_from(at.timestamp_millis()).expect("after 1970");
        let id = Builder::from_unix_timestamp_millis(milliseconds, &self.rng.random()).into_uuid();
        Some(Fact { id, at, deed })
    }
}

/// Removes the first registration that is due.
fn pop_due(waiting: &mut Due, moment: DateTime<Utc>) -> Option<Registration> {
    let first = waiting.first_entry()?;
    (first.key().0 <= moment).then(|| first.remove())
}

fn one_of<T: Copy>(choices: &[(T, u32)], rng: &mut StdRng) -> T {
    let chosen = choices.choose_weighted(rng, |(_, share)| *share);
    chosen.expect("shares").0
}
