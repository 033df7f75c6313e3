//! What goes together into one statement: distinct facts, in the order in which every writer
//! writes. Pure: nothing here waits or stores.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};

use uuid::Uuid;

use crate::row::{Identity, Row};

/// What became of one fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the database, by this very submission.
    Stored,
    /// It was in the database already.
    Duplicate,
    /// The database refuses its values; sending it again is no use.
    Refused,
    /// The database is away; nothing is known to be stored, and the same can be sent again.
    Unavailable,
    /// A defect of ours; it has been logged.
    Broken,
}

/// Distinct facts, and which submission each of them came with.
#[derive(Debug)]
pub struct Batch {
    rows: Vec<Arc<Row>>,
    /// For each submission the fact it stands for, and whether it was the first to bring it.
    submissions: Vec<(usize, bool)>,
}

/// What makes two facts the same: equal id and time, or, for a lifecycle fact, an equal subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Sameness {
    Identity(Identity),
    Subject(Uuid, String, String),
}

impl Batch {
    /// Sorts `submitted` out.
    #[must_use]
    pub fn of(submitted: Vec<Arc<Row>>) -> Self {
        let mut order: Vec<usize> = (0..submitted.len()).collect();
        // Stable: of two equal facts the first to arrive is the one that is stored.
        order.sort_by_key(|&index| (submitted[index].created_at, submitted[index].id));
        let mut first: HashMap<Sameness, usize> = HashMap::new();
        let mut submissions = vec![(0, false); submitted.len()];
        let mut chosen = Vec::with_capacity(submitted.len());
        for index in order {
            let keys = sameness(&submitted[index]);
            let known = keys.iter().find_map(|key| first.get(key).copied());
            let position = known.unwrap_or(chosen.len());
            submissions[index] = (position, known.is_none());
            if known.is_none() {
                chosen.push(index);
                // An echo tells nothing new: what else it claims to be is not stored.
                first.extend(keys.into_iter().map(|key| (key, position)));
            }
        }
        Self {
            rows: take(submitted, &chosen),
            submissions,
        }
    }

    /// The facts, distinct and ordered by time and id.
    #[must_use]
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.rows
    }

    /// The outcome of each submission, in the order of submission, from the outcome of each fact.
    #[must_use]
    pub fn outcomes(&self, of_facts: &[Outcome]) -> Vec<Outcome> {
        let echo = |outcome| {
            if outcome == Outcome::Stored {
                Outcome::Duplicate
            } else {
                outcome
            }
        };
        self.submissions
            .iter()
            .map(|&(fact, is_first)| {
                if is_first {
                    of_facts[fact]
                } else {
                    echo(of_facts[fact])
                }
            })
            .collect()
    }
}

fn sameness(row: &Row) -> Vec<Sameness> {
    let mut keys = vec![Sameness::Identity(row.identity())];
    if let Some(subject) = &row.dedup_key {
        let (event_type, subject) = (row.event_type.to_string(), subject.clone());
        keys.push(Sameness::Subject(row.tenant_id, event_type, subject));
    }
    keys
}

/// The elements at `chosen`, in that order.
fn take<T>(from: Vec<T>, chosen: &[usize]) -> Vec<T> {
    debug_assert_eq!(
        chosen.iter().collect::<HashSet<_>>().len(),
        chosen.len(),
        "chosen twice"
    );
    let mut from: Vec<Option<T>> = from.into_iter().map(Some).collect();
    chosen
        .iter()
        .filter_map(|&index| from[index].take())
        .collect()
}

#[cfg(test)]
mod tests {
    use analytics_shared::{
        event_type::{PAGE_VIEW, REGISTRATION_COMPLETED},
        fact::{Fact, Provenance},
    };
    use chrono::DateTime;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fact(id: u128, second: i64, registration: Option<u8>) -> Arc<Row> {
        let properties =
            registration.map_or(json!({}), |n| json!({"registrationId": n.to_string()}));
        let fact = Fact {
            id: Uuid::from_u128(id),
            tenant_id: Uuid::from_u128(1),
            event_type: if registration.is_some() {
                REGISTRATION_COMPLETED
            } else {
                PAGE_VIEW
            }
            .parse()
            .unwrap(),
            event_id: None,
            user_id: None,
            properties: properties.as_object().unwrap().clone(),
            created_at: DateTime::from_timestamp(second, 0).unwrap(),
            provenance: Provenance::User,
        };
        Arc::new(fact.into())
    }

    #[test]
    fn the_same_fact_twice_is_stored_once_and_the_second_is_a_duplicate() {
        let batch = Batch::of(vec![fact(1, 5, None), fact(1, 5, None), fact(1, 6, None)]);
        assert_eq!(batch.rows().len(), 2);
        let outcomes = batch.outcomes(&[Outcome::Stored, Outcome::Stored]);
        assert_eq!(
            outcomes,
            [Outcome::Stored, Outcome::Duplicate, Outcome::Stored]
        );
    }

    #[test]
    fn a_registration_is_completed_once_whatever_its_id_and_time() {
        let batch = Batch::of(vec![
            fact(1, 9, Some(7)),
            fact(2, 5, Some(7)),
            fact(3, 5, Some(8)),
        ]);
        assert_eq!(batch.rows().len(), 2);
        let outcomes = batch.outcomes(&[Outcome::Stored, Outcome::Stored]);
        assert_eq!(
            outcomes.iter().filter(|&&o| o == Outcome::Stored).count(),
            2
        );
        assert_eq!(
            outcomes
                .iter()
                .filter(|&&o| o == Outcome::Duplicate)
                .count(),
            1
        );
    }

    #[test]
    fn an_echo_does_not_hide_another_fact() {
        // The second repeats the first's identity, so its registration is not stored: the third's is.
        let batch = Batch::of(vec![
            fact(1, 5, Some(1)),
            fact(1, 5, Some(2)),
            fact(2, 5, Some(2)),
        ]);
        let outcomes = batch.outcomes(&[Outcome::Stored, Outcome::Stored]);
        assert_eq!(
            outcomes,
            [Outcome::Stored, Outcome::Duplicate, Outcome::Stored]
        );
    }

    #[test]
    fn a_failure_is_everybodys_failure() {
        let batch = Batch::of(vec![fact(1, 5, None), fact(1, 5, None)]);
        assert_eq!(
            batch.outcomes(&[Outcome::Unavailable]),
            [Outcome::Unavailable; 2]
        );
    }

    proptest! {
        #[test]
        fn every_submission_gets_one_outcome_and_every_fact_is_written_in_order(
            submitted in prop::collection::vec((0..6_u128, 0..4_i64, prop::option::of(0..3_u8)), 0..40)
        ) {
            let batch = Batch::of(submitted.iter().map(|&(id, at, reg)| fact(id, at, reg)).collect());
            let outcomes = batch.outcomes(&vec![Outcome::Stored; batch.rows().len()]);
            prop_assert_eq!(outcomes.len(), submitted.len());
            let stored = outcomes.iter().filter(|&&o| o == Outcome::Stored).count();
            prop_assert_eq!(stored, batch.rows().len());
            let order: Vec<_> = batch.rows().iter().map(|row| (row.created_at, row.id)).collect();
            prop_assert!(order.is_sorted() && order.iter().collect::<HashSet<_>>().len() == order.len());
            let subjects: Vec<_> = batch.rows().iter().filter_map(|row| row.dedup_key.clone()).collect();
            prop_assert_eq!(subjects.iter().collect::<HashSet<_>>().len(), subjects.len());
        }
    }
}
