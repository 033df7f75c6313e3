//! Sets of distinct visitors: sorted arrays of 64-bit hashes (SQL function `visitor_hash`), as the
//! rollup stores them.

mod sorted_arrays;

use std::{slice, sync::Arc};

use sorted_arrays::{difference, intersection, union};

/// Distinct visitors. A union of sets counts a visitor of both once, unlike a sum of counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitorSet(Hashes);

/// Sorted and distinct hashes. A single one takes no memory on the heap, because most sources of an event with
/// very many of them have one visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hashes {
    One(i64),
    /// None, or several.
    Many(Arc<Vec<i64>>),
}

impl Default for Hashes {
    fn default() -> Self {
        Self::Many(Arc::default())
    }
}

impl VisitorSet {
    /// Returns the union of many sets.
    #[must_use]
    pub fn union<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sets = sets.into_iter().filter(|set| !set.is_empty());
        let (Some(first), second) = (sets.next(), sets.next()) else {
            return Self::default();
        };
        let Some(second) = second else {
            return first.clone();
        };
        Self::union_of_sorted([first, second].into_iter().chain(sets).map(Self::as_slice))
    }

    /// Returns the union of many arrays, each of which is sorted and has distinct hashes.
    #[must_use]
    pub fn union_of_sorted<'a>(arrays: impl IntoIterator<Item = &'a [i64]>) -> Self {
        let arrays = arrays.into_iter().filter(|hashes| !hashes.is_empty());
        let arrays: Vec<_> = arrays.collect();
        Self::from_sorted(union(&arrays))
    }

    /// Returns the number of distinct visitors of some sets, and of those in two sets or more.
    #[must_use]
    pub fn count_distinct_and_repeated<'a>(sets: impl Iterator<Item = &'a Self>) -> (u64, u64) {
        let mut hashes: Vec<i64> = sets.flat_map(Self::as_slice).copied().collect();
        hashes.sort_unstable();
        let visitors = hashes.chunk_by(|a, b| a == b);
        visitors.fold((0, 0), |(distinct, repeated), found| {
            (distinct + 1, repeated + u64::from(found.len() > 1))
        })
    }

    /// The heap memory of the set, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Hashes::One(_) => 0,
            Hashes::Many(hashes) => size_of_val(&hashes[..]),
        }
    }

    /// The number of distinct visitors.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    /// Returns whether the set has no visitors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// Returns the visitors that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::from_sorted(intersection(self.as_slice(), other.as_slice()))
    }

    /// Returns the visitors of this set that `other` lacks.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if self.shares_memory_with(other) {
            return Self::default();
        }
        Self::from_sorted(difference(self.as_slice(), other.as_slice()))
    }

    /// Returns whether the set is a clone of `other`, or the other way round.
    fn shares_memory_with(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Hashes::Many(one), Hashes::Many(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// Returns the hashes, sorted and distinct.
    #[must_use]
    pub fn as_slice(&self) -> &[i64] {
        match &self.0 {
            Hashes::One(hash) => slice::from_ref(hash),
            Hashes::Many(hashes) => hashes,
        }
    }

    fn from_sorted(mut hashes: Vec<i64>) -> Self {
        if let [hash] = hashes[..] {
            return Self(Hashes::One(hash));
        }
        hashes.shrink_to_fit();
        Self(Hashes::Many(hashes.into()))
    }
}

/// Sorts hashes and removes repeated ones; sorted and distinct hashes are not sorted again.
pub fn sort_and_dedup(hashes: &mut Vec<i64>) {
    if !hashes.is_sorted_by(|a, b| a < b) {
        hashes.sort_unstable();
        hashes.dedup();
    }
}

impl FromIterator<i64> for VisitorSet {
    fn from_iter<T: IntoIterator<Item = i64>>(hashes: T) -> Self {
        let mut hashes = hashes.into_iter().collect();
        sort_and_dedup(&mut hashes);
        Self::from_sorted(hashes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn hashes() -> impl Strategy<Value = BTreeSet<i64>> {
        let near = -20..20_i64;
        prop::collection::btree_set(prop_oneof![near, any::<i64>()], 0..30)
    }

    fn set(hashes: impl IntoIterator<Item = i64>) -> VisitorSet {
        hashes.into_iter().collect()
    }

    proptest! {
        #[test]
        fn a_set_is_what_a_set_of_std_is(sets in prop::collection::vec(hashes(), 0..6)) {
            let all: BTreeSet<i64> = sets.iter().flatten().copied().collect();
            let ours: Vec<_> = sets.iter().cloned().map(set).collect();
            prop_assert_eq!(VisitorSet::union(&ours), set(all.clone()));
            prop_assert_eq!(VisitorSet::union(&ours).len(), all.len() as u64);
            let is_repeated = |hash: &&i64| sets.iter().filter(|set| set.contains(hash)).count() > 1;
            let repeated = all.iter().filter(is_repeated).count() as u64;
            let counted = VisitorSet::count_distinct_and_repeated(ours.iter());
            prop_assert_eq!(counted, (all.len() as u64, repeated));
            for (left, right) in ours.iter().zip(&sets).zip(ours.iter().zip(&sets).skip(1)) {
                let ((a, in_a), (b, in_b)) = (left, right);
                let union = VisitorSet::union_of_sorted([a.as_slice(), b.as_slice()]);
                prop_assert_eq!(union, set(in_a | in_b));
                prop_assert_eq!(a.intersection(b), set(in_a & in_b));
                prop_assert_eq!(a.difference(b), set(in_a - in_b));
                prop_assert_eq!(a.difference(&a.clone()), VisitorSet::default());
            }
        }

        #[test]
        fn the_order_of_hashes_does_not_matter(mut hashes in prop::collection::vec(-9..9_i64, 0..20)) {
            let sorted = set(hashes.iter().copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(set(hashes.clone()), sorted.clone());
            hashes.reverse();
            prop_assert_eq!(set(hashes), sorted);
        }
    }
}
