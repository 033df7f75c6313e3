//! The ticketing events of the bench and the people who go there: as many and as unequal as on a
//! platform, because both decide how many rows of the rollup a batch touches.

use std::ops::Range;

use rand::{RngExt, distr::Distribution, distr::weighted::WeightedIndex, rngs::StdRng};
use uuid::{Builder, Uuid};

/// Ticketing events.
pub const EVENTS: usize = 1_000;
/// Organizations, each with the same number of events.
pub const ORGANIZATIONS: usize = 100;
/// People, each of them known to one organization.
pub const VISITORS: usize = 200_000;

/// Where events take place: their days are days there.
const ZONES: [&str; 4] = [
    "Europe/Berlin",
    "Europe/Moscow",
    "America/New_York",
    "Asia/Tokyo",
];

/// A ticketing event.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: Uuid,
    /// Its organization.
    pub tenant: Uuid,
    /// Its time zone.
    pub zone: &'static str,
    /// The people whom the organization reaches.
    audience: Range<usize>,
}

/// Somebody.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// What the site knows their browser by.
    pub browser: Uuid,
    /// Their account, which they use when they register.
    pub account: Uuid,
}

/// All events and all people.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The most popular first.
    pub events: Vec<Event>,
    people: Vec<Person>,
    popularity: WeightedIndex<f64>,
}

impl Scene {
    /// The scene that follows from the random numbers.
    pub(super) fn set(rng: &mut StdRng) -> Self {
        let popularity: Vec<f64> = (1..=EVENTS).map(zipf).collect();
        let tenants: Vec<Uuid> = (0..ORGANIZATIONS).map(|_| random_id(rng)).collect();
        let audiences = audiences(&popularity);
        let event = |number: usize| Event {
            id: random_id(rng),
            tenant: tenants[number % ORGANIZATIONS],
            zone: ZONES[number % ZONES.len()],
            audience: audiences[number % ORGANIZATIONS].clone(),
        };
        let events = (0..EVENTS).map(event).collect();
        let person = |_| Person {
            browser: random_id(rng),
            account: random_id(rng),
        };
        Self {
            events,
            people: (0..VISITORS).map(person).collect(),
            popularity: WeightedIndex::new(popularity).expect("weights"),
        }
    }

    /// An event, the popular ones more often.
    pub(super) fn any_event(&self, rng: &mut StdRng) -> &Event {
        &self.events[self.popularity.sample(rng)]
    }

    /// Somebody of the audience of an event. The square makes their activity follow Zipf's law with
    /// the exponent one half: few come often, most come once or twice.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a small number"
    )]
    pub(super) fn somebody_at(&self, event: &Event, rng: &mut StdRng) -> Person {
        let rank = rng.random::<f64>().powi(2) * event.audience.len() as f64;
        self.people[event.audience.start + rank as usize]
    }
}

/// How often the one of that rank is met, by Zipf's law.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn zipf(rank: usize) -> f64 {
    1.0 / rank as f64
}

/// The people of each organization: as many as its events are popular.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a small number"
)]
fn audiences(popularity: &[f64]) -> Vec<Range<usize>> {
    let all: f64 = popularity.iter().sum();
    let mut reached = 0.0;
    let mut begin = 0;
    let audience = |organization| {
        let events = popularity.iter().skip(organization).step_by(ORGANIZATIONS);
        reached += events.sum::<f64>();
        let end = (reached / all * VISITORS as f64).round() as usize;
        std::mem::replace(&mut begin, end)..end
    };
    (0..ORGANIZATIONS).map(audience).collect()
}

/// An id that is the same in every run.
pub(super) fn random_id(rng: &mut StdRng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn every_person_belongs_to_one_organization_and_none_is_without_people() {
        let popularity: Vec<f64> = (1..=EVENTS).map(zipf).collect();
        let audiences = audiences(&popularity);
        assert_eq!(audiences[0].start, 0);
        assert_eq!(audiences[ORGANIZATIONS - 1].end, VISITORS);
        for pair in audiences.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert!(pair[0].len() >= pair[1].len());
        }
        assert!(audiences.iter().all(|audience| audience.len() > 500));
    }

    #[test]
    fn the_most_popular_event_is_met_by_far_the_most() {
        let mut rng = StdRng::seed_from_u64(1);
        let scene = Scene::set(&mut rng);
        let met = |event: &Event, rng: &mut StdRng| {
            let meetings = (0..20_000).filter(|_| scene.any_event(rng).id == event.id);
            meetings.count()
        };
        let first = met(&scene.events[0], &mut rng);
        let tenth = met(&scene.events[9], &mut rng);
        assert!((2_200..3_200).contains(&first), "{first}");
        assert!((180..360).contains(&tenth), "{tenth}");
    }
}
