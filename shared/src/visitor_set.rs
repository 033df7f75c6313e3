//! Sets of distinct visitors: sorted arrays of 64-bit hashes (SQL function `visitor_hash`), as the
//! rollup stores them.

use std::sync::Arc;

/// The ratio of the sizes of two sets above which galloping is faster (measured: 3.5 times as fast at 26,
/// half as fast at 3).
const GALLOP_RATIO: u64 = 8;

/// Distinct visitors. A union of sets counts a visitor of both once, unlike a sum of counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitorSet(Arc<[i64]>);

impl VisitorSet {
    /// Returns the union of many sets.
    #[must_use]
    pub fn union<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        let sets = sets.into_iter().filter(|set| !set.is_empty());
        let sets: Vec<&Self> = sets.collect();
        match sets[..] {
            [] => Self::default(),
            [one] => one.clone(),
            [one, other] => one.merge(other),
            _ => {
                let hashes: Vec<&[i64]> = sets.iter().map(|set| &set.0[..]).collect();
                Self::from(hashes.concat())
            }
        }
    }

    /// Returns the union of two sets.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let (large, small) = if self.len() >= other.len() {
            (self, other)
        } else {
            (other, self)
        };
        if small.is_empty() {
            return large.clone();
        }
        let merged = if large.len() > GALLOP_RATIO * small.len() {
            gallop(&large.0, &small.0)
        } else {
            merge(&large.0, &small.0)
        };
        Self(merged.into())
    }

    /// Returns the number of distinct visitors of some sets, and of those in two sets or more.
    #[must_use]
    pub fn count_distinct_and_repeated<'a>(sets: impl Iterator<Item = &'a Self>) -> (u64, u64) {
        let mut hashes: Vec<i64> = sets.flat_map(|set| set.0.iter().copied()).collect();
        hashes.sort_unstable();
        let visitors = hashes.chunk_by(|a, b| a == b);
        visitors.fold((0, 0), |(distinct, repeated), found| {
            (distinct + 1, repeated + u64::from(found.len() > 1))
        })
    }

    /// The heap memory of the set, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&self.0[..])
    }

    /// The number of distinct visitors.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Returns whether the set has no visitors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<i64>> for VisitorSet {
    /// Builds a set from hashes in any order; sorted and distinct hashes are not sorted again.
    fn from(mut hashes: Vec<i64>) -> Self {
        if !hashes.is_sorted_by(|a, b| a < b) {
            hashes.sort_unstable();
            hashes.dedup();
        }
        Self(hashes.into())
    }
}

impl FromIterator<i64> for VisitorSet {
    fn from_iter<T: IntoIterator<Item = i64>>(hashes: T) -> Self {
        Self::from(hashes.into_iter().collect::<Vec<_>>())
    }
}

/// Merges two sets hash by hash.
fn merge(mut left: &[i64], mut right: &[i64]) -> Vec<i64> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(&a), Some(&b)) = (left.first(), right.first()) {
        merged.push(a.min(b));
        left = &left[usize::from(a <= b)..];
        right = &right[usize::from(b <= a)..];
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    merged
}

/// Merges a small set into a large one by copying the runs between its hashes.
fn gallop(large: &[i64], small: &[i64]) -> Vec<i64> {
    let mut merged = Vec::with_capacity(large.len() + small.len());
    let mut rest = large;
    for &hash in small {
        // Galloping search: doubles the range until it contains the position.
        let mut end = 1;
        while end < rest.len() && rest[end - 1] < hash {
            end *= 2;
        }
        let (start, end) = (end / 2, end.min(rest.len()));
        let run = start + rest[start..end].partition_point(|&before| before < hash);
        merged.extend_from_slice(&rest[..run]);
        rest = &rest[run..];
        if rest.first() != Some(&hash) {
            merged.push(hash);
        }
    }
    merged.extend_from_slice(rest);
    merged
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
                prop_assert_eq!(a.merge(b), set(in_a | in_b));
            }
        }

        #[test]
        fn galloping_gives_what_merging_hash_by_hash_gives(large in hashes(), small in hashes()) {
            let (large, small): (Vec<_>, Vec<_>) =
                (large.into_iter().collect(), small.into_iter().collect());
            prop_assert_eq!(gallop(&large, &small), merge(&large, &small));
        }

        #[test]
        fn the_order_of_hashes_does_not_matter(mut hashes in prop::collection::vec(-9..9_i64, 0..20)) {
            let sorted = set(hashes.iter().copied().collect::<BTreeSet<_>>());
            prop_assert_eq!(VisitorSet::from(hashes.clone()), sorted.clone());
            hashes.reverse();
            prop_assert_eq!(VisitorSet::from(hashes), sorted);
        }
    }
}
