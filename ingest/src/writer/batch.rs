//! Batches: distinct facts, in the order in which every writer inserts them. Pure: no I/O.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use uuid::Uuid;

use super::outcome::Outcome;
use crate::store::fact_row::{FactRow, Identity};

/// Distinct facts, with the mapping from submissions to them.
#[derive(Debug)]
pub struct Batch {
    rows: Vec<Arc<FactRow>>,
    /// For each submission the index of its row, and whether it is the row's first submission.
    submissions: Vec<(usize, bool)>,
}

/// The keys by which two facts are the same: the primary key, and for lifecycle facts the key of the
/// ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum DedupKey {
    Identity(Identity),
    /// With whether the fact is a claim: a claim never hides a fact of the platform or a service.
    Lifecycle(Uuid, String, String, bool),
}

impl Batch {
    /// Removes duplicates and sorts the rest.
    pub fn new(submitted: &[Arc<FactRow>]) -> Self {
        let mut order: Vec<usize> = (0..submitted.len()).collect();
        // Stable: of two equal facts the first submission is stored.
        order.sort_by_key(|&index| (submitted[index].created_at, submitted[index].id));
        let mut first: HashMap<DedupKey, usize> = HashMap::new();
        let mut submissions = vec![(0, false); submitted.len()];
        let mut rows = Vec::with_capacity(submitted.len());
        for index in order {
            let row = &submitted[index];
            let keys = dedup_keys(row);
            let duplicate_of = keys.iter().find_map(|key| first.get(key).copied());
            submissions[index] = (duplicate_of.unwrap_or(rows.len()), duplicate_of.is_none());
            if duplicate_of.is_none() {
                // A duplicate's other keys are ignored, because it is not stored.
                first.extend(keys.into_iter().map(|key| (key, rows.len())));
                rows.push(Arc::clone(row));
            }
        }
        Self { rows, submissions }
    }

    /// The distinct facts, by time and id.
    pub fn rows(&self) -> &[Arc<FactRow>] {
        &self.rows
    }

    /// Returns the outcome of each submission, in the order of submission, from the outcome of each row.
    pub fn outcomes(&self, of_rows: &[Outcome]) -> Vec<Outcome> {
        let outcome = |&(row, is_first): &(usize, bool)| match of_rows[row] {
            Outcome::Stored if !is_first => Outcome::Duplicate,
            outcome => outcome,
        };
        self.submissions.iter().map(outcome).collect()
    }
}

fn dedup_keys(row: &FactRow) -> Vec<DedupKey> {
    let mut keys = vec![DedupKey::Identity(row.identity())];
    if let Some(key) = &row.dedup_key {
        let (event_type, key) = (row.event_type.to_string(), key.clone());
        let is_claim = row.is_claim();
        keys.push(DedupKey::Lifecycle(
            row.tenant_id,
            event_type,
            key,
            is_claim,
        ));
    }
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use analytics_shared::{
        event_type::{PAGE_VIEW, REGISTRATION_COMPLETED},
        fact::{Fact, Provenance},
    };
    use chrono::DateTime;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fact(id: u128, second: i64, registration: Option<u8>) -> Arc<FactRow> {
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
        let batch = Batch::new(&[fact(1, 5, None), fact(1, 5, None), fact(1, 6, None)]);
        assert_eq!(batch.rows().len(), 2);
        let outcomes = batch.outcomes(&[Outcome::Stored, Outcome::Stored]);
        assert_eq!(
            outcomes,
            [Outcome::Stored, Outcome::Duplicate, Outcome::Stored]
        );
    }

    #[test]
    fn a_registration_is_completed_once_whatever_its_id_and_time() {
        let batch = Batch::new(&[
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
    fn a_duplicate_does_not_hide_another_fact() {
        // The second has the first's identity, so its registration is not stored, and the third's is.
        let batch = Batch::new(&[
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
    fn a_failure_applies_to_all_submissions_of_a_fact() {
        let batch = Batch::new(&[fact(1, 5, None), fact(1, 5, None)]);
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
            let batch = Batch::new(&submitted.iter().map(|&(id, at, reg)| fact(id, at, reg)).collect::<Vec<_>>());
            let outcomes = batch.outcomes(&vec![Outcome::Stored; batch.rows().len()]);
            prop_assert_eq!(outcomes.len(), submitted.len());
            let stored = outcomes.iter().filter(|&&o| o == Outcome::Stored).count();
            prop_assert_eq!(stored, batch.rows().len());
            let order: Vec<_> = batch.rows().iter().map(|row| (row.created_at, row.id)).collect();
            prop_assert!(order.is_sorted() && order.iter().collect::<HashSet<_>>().len() == order.len());
            let dedup_keys: Vec<_> = batch.rows().iter().filter_map(|row| row.dedup_key.clone()).collect();
            prop_assert_eq!(dedup_keys.iter().collect::<HashSet<_>>().len(), dedup_keys.len());
        }
    }
}
