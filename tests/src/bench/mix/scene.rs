//! The ticketing events of the bench and their visitors. Their numbers and distribution are those of a real
//! platform, because they determine the number of rollup rows of a batch.

use std::ops::Range;

use rand::{RngExt, distr::Distribution, distr::weighted::WeightedIndex, rngs::StdRng};
use uuid::{Builder, Uuid};

use super::Shape;

/// Ticketing events.
pub const EVENTS: usize = 1_000;

/// The time zones of the organizations.
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
    /// The audience of the organization.
    audience: Range<usize>,
}

/// A person.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The visitor id of the browser.
    pub browser: Uuid,
    /// The account, which is used for registrations.
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
    /// Generates the scene from random numbers.
    pub(super) fn set(shape: &Shape, rng: &mut StdRng) -> Self {
        let popularity = popularity(shape.first);
        let tenants: Vec<Uuid> = (0..shape.organizations).map(|_| random_id(rng)).collect();
        let audiences = audiences(&popularity, shape);
        let event = |number: usize| {
            let organization = number % shape.organizations;
            Event {
                id: random_id(rng),
                tenant: tenants[organization],
                zone: ZONES[organization % ZONES.len()],
                audience: audiences[organization].clone(),
            }
        };
        let events = (0..EVENTS).map(event).collect();
        let person = |_| Person {
            browser: random_id(rng),
            account: random_id(rng),
        };
        Self {
            events,
            people: (0..shape.visitors).map(person).collect(),
            popularity: WeightedIndex::new(popularity).expect("weights"),
        }
    }

    /// A random event, weighted by popularity.
    pub(super) fn any_event(&self, rng: &mut StdRng) -> &Event {
        &self.events[self.popularity.sample(rng)]
    }

    /// A random person of the audience of an event. By the square, their activity follows Zipf's law with the
    /// exponent one half: a few are frequent, most occur once or twice.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a small number"
    )]
    pub fn somebody_at(&self, event: &Event, rng: &mut StdRng) -> Person {
        let rank = rng.random::<f64>().powi(2) * event.audience.len() as f64;
        self.people[event.audience.start + rank as usize]
    }
}

/// The popularity of each event, in descending order.
fn popularity(first: Option<f64>) -> Vec<f64> {
    let mut popularity: Vec<f64> = (1..=EVENTS).map(zipf).collect();
    if let Some(first) = first {
        let others: f64 = popularity.iter().skip(1).sum();
        popularity[0] = others * first / (1.0 - first);
    }
    popularity
}

/// The frequency of a rank by Zipf's law.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn zipf(rank: usize) -> f64 {
    1.0 / rank as f64
}

/// The people of each organization, in proportion to the popularity of its events.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a small number"
)]
fn audiences(popularity: &[f64], shape: &Shape) -> Vec<Range<usize>> {
    let all: f64 = popularity.iter().sum();
    let mut reached = 0.0;
    let mut begin = 0;
    let audience = |organization| {
        let events = popularity
            .iter()
            .skip(organization)
            .step_by(shape.organizations);
        reached += events.sum::<f64>();
        let end = (reached / all * shape.visitors as f64).round() as usize;
        std::mem::replace(&mut begin, end)..end
    };
    (0..shape.organizations).map(audience).collect()
}

/// An id that is the same in every run.
pub(super) fn random_id(rng: &mut StdRng) -> Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rand::SeedableRng;

    use super::*;

    const SHAPE: Shape = Shape {
        organizations: 100,
        visitors: 200_000,
        first: None,
        span: TimeDelta::days(3),
    };

    #[test]
    fn every_person_belongs_to_one_organization_and_none_is_without_people() {
        let audiences = audiences(&popularity(None), &SHAPE);
        assert_eq!(audiences[0].start, 0);
        assert_eq!(audiences[99].end, 200_000);
        for pair in audiences.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert!(pair[0].len() >= pair[1].len());
        }
        assert!(audiences.iter().all(|audience| audience.len() > 500));
    }

    /// The number of occurrences of an event in 20,000 draws.
    fn met(scene: &Scene, number: usize) -> usize {
        let (mut rng, wanted) = (StdRng::seed_from_u64(1), scene.events[number].id);
        let mut meet = |_: &usize| scene.any_event(&mut rng).id == wanted;
        (0..20_000).filter(|meeting| meet(meeting)).count()
    }

    #[test]
    fn the_most_popular_event_is_met_by_far_the_most() {
        let scene = Scene::set(&SHAPE, &mut StdRng::seed_from_u64(1));
        let (first, tenth) = (met(&scene, 0), met(&scene, 9));
        assert!((2_200..3_200).contains(&first), "{first}");
        assert!((180..360).contains(&tenth), "{tenth}");
    }

    #[test]
    fn the_most_popular_event_is_met_as_often_as_is_asked_for() {
        let first = Some(0.1);
        let scene = Scene::set(&Shape { first, ..SHAPE }, &mut StdRng::seed_from_u64(1));
        let (first, second) = (met(&scene, 0), met(&scene, 1));
        assert!((1_850..2_150).contains(&first), "{first}");
        assert!((1_250..1_550).contains(&second), "{second}");
    }

    #[test]
    fn events_of_an_organization_have_one_zone() {
        let organizations = 10;
        let shape = Shape {
            organizations,
            ..SHAPE
        };
        let scene = Scene::set(&shape, &mut StdRng::seed_from_u64(1));
        let first = &scene.events[0];
        let mut of_first = scene
            .events
            .iter()
            .filter(|event| event.tenant == first.tenant);
        assert!(of_first.all(|event| event.zone == first.zone));
    }
}
