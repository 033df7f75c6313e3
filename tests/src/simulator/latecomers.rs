//! The visitors of now, once the story is told: people who look at the page, and some who register at the door.

use chrono::{DateTime, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{
    Event, Message, Post,
    people::{self, Person},
    platform::Registration,
    web::Visit,
};

/// The seed of the random numbers: another than that of the story, whose registrations have other ids.
const SEED: u64 = 20_27;
/// The number of people.
const CROWD: usize = 2_000;

/// An endless stream of visitors.
#[derive(Debug)]
pub struct Latecomers<'a> {
    event: &'a Event,
    crowd: Vec<Person>,
    rng: StdRng,
}

/// The facts of one visitor.
#[derive(Debug)]
pub struct Latecomer {
    /// The view of the page.
    pub view: Post,
    /// Registration, payment and check-in, of those who register.
    pub messages: Vec<Message>,
}

impl<'a> Latecomers<'a> {
    /// The visitors of an event.
    #[must_use]
    pub fn of(event: &'a Event) -> Self {
        let mut rng = StdRng::seed_from_u64(SEED);
        let crowd = people::crowd(CROWD, &mut rng);
        Self { event, crowd, rng }
    }

    /// The next visitor, who comes at `now`. One of three registers.
    pub fn next(&mut self, now: DateTime<Utc>) -> Latecomer {
        let Self { event, crowd, rng } = self;
        let person = people::one_of(crowd, rng).clone();
        let visit = Visit::anonymous(person, now, rng);
        let view = visit.post(event, rng);
        let registers = rng.random_ratio(1, 3);
        let messages = if registers {
            Registration::at_the_door(&visit, rng).messages_at_the_door(event, rng)
        } else {
            Vec::new()
        };
        Latecomer { view, messages }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn visitors_look_and_some_register_pay_and_check_in_at_once() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let event = Event::before(now, &mut StdRng::seed_from_u64(1));
        let mut latecomers = Latecomers::of(&event);
        let mut messages: HashMap<_, usize> = HashMap::new();
        for _ in 0..300 {
            let Latecomer {
                view,
                messages: of_one,
            } = latecomers.next(now);
            assert_eq!(view.body["eventType"], "page.view");
            for message in of_one {
                assert_eq!(message.body["occurredAt"], serde_json::json!(now));
                *messages.entry(message.key).or_default() += 1;
            }
        }
        let of = |key| messages[key];
        let registered = of("registration.created");
        assert!((50..150).contains(&registered), "{registered}");
        assert_eq!(of("payment.completed"), registered);
        assert_eq!(of("checkin.completed"), registered);
    }
}
