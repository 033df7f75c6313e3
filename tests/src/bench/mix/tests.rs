//! Tests of the mix.

use std::collections::{HashMap, HashSet};

use analytics_shared::clock;

use super::{stream::ON_ITS_WAY, *};

const SHAPE: Shape = Shape {
    organizations: 100,
    visitors: 200_000,
    first: None,
    span: TimeDelta::days(3),
};

fn mix(seed: u64, now: DateTime<Utc>) -> Mix {
    Mix::of(seed, &SHAPE, now)
}

fn shares(facts: &[Fact]) -> impl Fn(Kind) -> usize {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for fact in facts {
        *numbers.entry(fact.deed.kind().event_type()).or_default() += 1;
    }
    // Of a thousand.
    let all = facts.len();
    move |kind| {
        let number = numbers.get(kind.event_type()).copied().unwrap_or_default();
        (number * 1_000 + all / 2) / all
    }
}

fn registration_of(fact: &Fact) -> Option<uuid::Uuid> {
    match &fact.deed {
        Deed::Viewed(_) | Deed::Started(_) => None,
        Deed::Registered(of) | Deed::Cancelled(of) | Deed::Paid(of, _) | Deed::CheckedIn(of) => {
            Some(of.id)
        }
    }
}

/// The identity by which a fact is stored once.
fn identity(fact: &Fact) -> String {
    match &fact.deed {
        Deed::Viewed(_) | Deed::Started(_) => fact.id.to_string(),
        Deed::Paid(_, payment) => payment.to_string(),
        Deed::Registered(of) | Deed::Cancelled(of) | Deed::CheckedIn(of) => {
            format!("{}{}", fact.deed.kind().event_type(), of.id)
        }
    }
}

#[test]
fn seven_of_ten_facts_are_page_views_and_the_rest_is_in_proportion() {
    let facts = mix(1, clock::now())
        .all_kinds(Timeline::Spread(100_000))
        .collect::<Vec<_>>();
    assert_eq!(facts.len(), 100_000);
    let share = shares(&facts);
    for (kind, expected) in OF_ALL.into_iter().chain([(Kind::Paid, 60)]) {
        let (share, expected) = (share(kind), expected as usize);
        assert!(share.abs_diff(expected) <= 5, "{kind:?}: {share}");
    }
}

#[test]
fn the_platform_tells_nothing_of_browsers() {
    let facts = mix(1, clock::now())
        .platform_kinds(Timeline::Spread(10_000))
        .collect::<Vec<_>>();
    assert_eq!(facts.len(), 10_000);
    assert!(facts.iter().all(|fact| fact.message().is_some()));
}

#[test]
fn the_same_seed_tells_the_same_and_another_seed_something_else() {
    let now = clock::now();
    let told = |seed| {
        let facts = mix(seed, now)
            .all_kinds(Timeline::Spread(2_000))
            .collect::<Vec<_>>();
        facts.iter().map(Fact::request).collect::<Vec<_>>()
    };
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}

#[test]
fn whatever_follows_a_registration_comes_after_it_and_once() {
    let facts = mix(1, clock::now())
        .all_kinds(Timeline::Spread(50_000))
        .collect::<Vec<_>>();
    let (mut made, mut keys) = (HashSet::new(), HashSet::new());
    for fact in &facts {
        assert!(keys.insert(identity(fact)), "told twice: {fact:?}");
        let Some(registration) = registration_of(fact) else {
            continue;
        };
        let is_new = made.insert(registration);
        let is_made = matches!(fact.deed, Deed::Registered(_));
        assert_eq!(is_new, is_made, "{fact:?}");
    }
}

#[test]
fn facts_come_nearly_in_order_of_time_and_end_now() {
    let now = clock::now();
    let facts = mix(1, now)
        .all_kinds(Timeline::Spread(10_000))
        .collect::<Vec<_>>();
    let late = TimeDelta::milliseconds(ON_ITS_WAY);
    for pair in facts.windows(2) {
        assert!(pair[0].at < pair[1].at + late);
    }
    let (first, last) = (facts[0].at, facts[facts.len() - 1].at);
    assert!(now - last < TimeDelta::minutes(1) && last <= now);
    assert!(last - first > SHAPE.span - TimeDelta::minutes(1));
}

#[test]
fn where_registrations_begin_as_forms_every_one_does_and_the_proportions_are_the_same() {
    let facts: Vec<Fact> = mix(1, clock::now()).of_forms(100_000).collect();
    let share = shares(&facts);
    for (kind, expected) in OF_ALL.into_iter().chain([(Kind::Paid, 60)]) {
        let (share, expected) = (share(kind), expected as usize);
        assert!(share.abs_diff(expected) <= 5, "{kind:?}: {share}");
    }
    let (mut begun, mut without) = (HashSet::new(), 0);
    for fact in &facts {
        match &fact.deed {
            Deed::Started(form) => {
                begun.insert(form.registration.unwrap());
            }
            Deed::Registered(of) if !begun.contains(&of.id) => without += 1,
            _ => {}
        }
    }
    // At first there are no registrations to follow.
    assert!(without < 20, "{without} registrations without a form");
}

#[test]
fn a_live_stream_has_the_same_proportions_and_the_times_of_its_generation() {
    let began = clock::now();
    let mix = mix(1, began);
    let facts: Vec<Fact> = mix.all_kinds(Timeline::Live).take(100_000).collect();
    let share = shares(&facts);
    for (kind, expected) in OF_ALL.into_iter().chain([(Kind::Paid, 60)]) {
        let (share, expected) = (share(kind), expected as usize);
        assert!(share.abs_diff(expected) <= 5, "{kind:?}: {share}");
    }
    let late = TimeDelta::milliseconds(ON_ITS_WAY + 1);
    let (earliest, latest) = (began - late, clock::now());
    assert!(
        facts
            .iter()
            .all(|fact| fact.at >= earliest && fact.at <= latest)
    );
}

#[test]
fn a_request_is_json_with_the_fields_of_its_fact() {
    let facts: Vec<Fact> = mix(1, clock::now())
        .of_forms(20_000)
        .filter(|fact| !matches!(fact.deed, Deed::Viewed(_)))
        .collect();
    for fact in &facts {
        let request: serde_json::Value = serde_json::from_str(&fact.request()).unwrap();
        assert_eq!(request["id"], fact.id.to_string());
        assert_eq!(request["eventType"], fact.deed.kind().event_type());
        let properties = &request["properties"];
        let (event, registration) = match &fact.deed {
            Deed::Viewed(visit) | Deed::Started(visit) => (visit.event, visit.registration),
            Deed::Registered(of) | Deed::Cancelled(of) | Deed::CheckedIn(of) => {
                (of.event, Some(of.id))
            }
            Deed::Paid(of, payment) => {
                assert_eq!(properties["paymentId"], payment.to_string());
                assert_eq!(properties["amountCents"], of.ticket_type.1);
                (of.event, Some(of.id))
            }
        };
        assert_eq!(request["eventId"], event.to_string());
        assert_eq!(
            properties["registrationId"],
            registration.unwrap().to_string()
        );
        let has_user = matches!(fact.deed, Deed::Registered(_));
        assert_eq!(request["userId"].is_string(), has_user);
    }
}
