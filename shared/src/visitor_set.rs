//! Sets of distinct visitors: sorted arrays of 64-bit hashes (SQL function `visitor_hash`), as the
//! rollup stores them.

use std::{slice, sync::Arc};

/// The ratio of the sizes of two sets above which galloping is faster (measured: 3.5 times as fast at 26,
/// half as fast at 3).
const GALLOP_RATIO: usize = 8;

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
        let mut arrays = arrays.into_iter().filter(|hashes| !hashes.is_empty());
        let first = arrays.next().unwrap_or_default();
        let second = arrays.next().unwrap_or_default();
        let Some(third) = arrays.next() else {
            return Self::from_sorted(merge(first, second));
        };
        let mut hashes = [first, second, third].concat();
        for array in arrays {
            hashes.extend_from_slice(array);
        }
        hashes.sort_unstable();
        hashes.dedup();
        Self::from_sorted(hashes)
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
        let (large, small) = by_size(self.as_slice(), other.as_slice());
        Self::from_sorted(if is_galloping_faster(large, small) {
            common_by_galloping(large, small)
        } else {
            common_by_hash(large, small)
        })
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

/// Returns the larger one of two arrays first.
fn by_size<'a>(one: &'a [i64], other: &'a [i64]) -> (&'a [i64], &'a [i64]) {
    if one.len() >= other.len() {
        (one, other)
    } else {
        (other, one)
    }
}

/// Returns whether galloping through `large` is faster than comparing hash by hash.
fn is_galloping_faster(large: &[i64], small: &[i64]) -> bool {
    large.len() > GALLOP_RATIO * small.len()
}

/// Merges two sorted arrays.
fn merge(one: &[i64], other: &[i64]) -> Vec<i64> {
    let (large, small) = by_size(one, other);
    if small.is_empty() {
        large.to_vec()
    } else if is_galloping_faster(large, small) {
        gallop(large, small)
    } else {
        merge_by_hash(large, small)
    }
}

/// Merges two arrays hash by hash.
fn merge_by_hash(mut left: &[i64], mut right: &[i64]) -> Vec<i64> {
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

/// Merges a small array into a large one by copying the runs between its hashes.
fn gallop(large: &[i64], small: &[i64]) -> Vec<i64> {
    let mut merged = Vec::with_capacity(large.len() + small.len());
    let mut rest = large;
    for &hash in small {
        let run = galloping_search(rest, hash);
        merged.extend_from_slice(&rest[..run]);
        rest = &rest[run..];
        if rest.first() != Some(&hash) {
            merged.push(hash);
        }
    }
    merged.extend_from_slice(rest);
    merged
}

/// Returns the hashes of both arrays, compared hash by hash without a branch, which random hashes would mispredict.
fn common_by_hash(left: &[i64], right: &[i64]) -> Vec<i64> {
    let mut common = vec![0; left.len().min(right.len()) + 1];
    let (mut i, mut j, mut found) = (0, 0, 0);
    while let (Some(&a), Some(&b)) = (left.get(i), right.get(j)) {
        common[found] = a;
        found += usize::from(a == b);
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
    common.truncate(found);
    common
}

/// Returns the hashes of a small array that a large one contains, too.
fn common_by_galloping(large: &[i64], small: &[i64]) -> Vec<i64> {
    let (mut rest, mut common) = (large, Vec::new());
    for &hash in small {
        rest = &rest[galloping_search(rest, hash)..];
        if rest.first() == Some(&hash) {
            common.push(hash);
        }
    }
    common
}

/// Returns the number of hashes below `hash` in a sorted array, in a time that depends on this number alone: doubles
/// the range until it contains the position.
fn galloping_search(hashes: &[i64], hash: i64) -> usize {
    let mut end = 1;
    while end < hashes.len() && hashes[end - 1] < hash {
        end *= 2;
    }
    let (start, end) = (end / 2, end.min(hashes.len()));
    start + hashes[start..end].partition_point(|&before| before < hash)
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
            }
        }

        #[test]
        fn galloping_gives_what_comparing_hash_by_hash_gives(large in hashes(), small in hashes()) {
            let (large, small): (Vec<_>, Vec<_>) =
                (large.into_iter().collect(), small.into_iter().collect());
            prop_assert_eq!(gallop(&large, &small), merge_by_hash(&large, &small));
            prop_assert_eq!(common_by_galloping(&large, &small), common_by_hash(&large, &small));
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
