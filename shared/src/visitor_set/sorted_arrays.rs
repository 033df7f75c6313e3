//! Unions, intersections and differences of arrays of hashes, each of which is sorted and has distinct hashes.

use std::marker::PhantomData;

/// The ratio of the sizes of two arrays above which galloping is faster (measured: as fast at 12, 1.4 times as fast at 20,
/// 0.8 times at 8).
const GALLOP_RATIO: usize = 12;

/// The number of hashes below which sorting them is faster than merging their arrays (measured: 30 % faster at 500 hashes
/// of arrays of 3; merging is twice as fast at a million hashes of 90 arrays).
const SORT_BELOW: usize = 1_024;

/// Returns the hashes of all arrays.
pub(super) fn union(arrays: &[&[i64]]) -> Vec<i64> {
    match arrays {
        [] => Vec::new(),
        [only] => only.to_vec(),
        [one, other] => union_of_two(one, other),
        _ if arrays.iter().map(|hashes| hashes.len()).sum::<usize>() < SORT_BELOW => {
            let mut hashes = arrays.concat();
            hashes.sort_unstable();
            hashes.dedup();
            hashes
        }
        _ => {
            let (some, others) = arrays.split_at(arrays.len() / 2);
            union_of_two(&union(some), &union(others))
        }
    }
}

/// Returns the hashes of either array.
fn union_of_two(one: &[i64], other: &[i64]) -> Vec<i64> {
    let (large, small) = by_size(one, other);
    if small.is_empty() {
        large.to_vec()
    } else if is_galloping_faster(large, small) {
        union_by_galloping(large, small)
    } else {
        Walk::<Union>::through(large, small)
    }
}

/// Returns the hashes of both arrays.
pub(super) fn intersection(one: &[i64], other: &[i64]) -> Vec<i64> {
    let (large, small) = by_size(one, other);
    if is_galloping_faster(large, small) {
        intersection_by_galloping(large, small)
    } else {
        Walk::<Intersection>::through(large, small)
    }
}

/// Returns the hashes of `one` that `other` lacks.
pub(super) fn difference(one: &[i64], other: &[i64]) -> Vec<i64> {
    Walk::<Difference>::through(one, other)
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

/// The hashes that a [`Walk`] keeps.
trait Rule {
    /// Whether the rest of the left array is kept, once the right one has ended.
    const KEEPS_LEFT: bool;
    /// Whether the rest of the right array is kept, once the left one has ended.
    const KEEPS_RIGHT: bool;

    /// Returns whether the smaller one of two hashes is kept.
    fn keeps(left: i64, right: i64) -> bool;

    /// Returns the most hashes that are kept.
    fn capacity(left: usize, right: usize) -> usize;
}

struct Union;
struct Intersection;
/// The hashes of the left array that the right one lacks.
struct Difference;

impl Rule for Union {
    const KEEPS_LEFT: bool = true;
    const KEEPS_RIGHT: bool = true;

    fn keeps(_: i64, _: i64) -> bool {
        true
    }

    fn capacity(left: usize, right: usize) -> usize {
        left + right
    }
}

impl Rule for Intersection {
    const KEEPS_LEFT: bool = false;
    const KEEPS_RIGHT: bool = false;

    fn keeps(left: i64, right: i64) -> bool {
        left == right
    }

    fn capacity(left: usize, right: usize) -> usize {
        left.min(right)
    }
}

impl Rule for Difference {
    const KEEPS_LEFT: bool = true;
    const KEEPS_RIGHT: bool = false;

    fn keeps(left: i64, right: i64) -> bool {
        left < right
    }

    fn capacity(left: usize, _: usize) -> usize {
        left
    }
}

/// A comparison of two arrays hash by hash.
struct Walk<'a, R> {
    left: &'a [i64],
    right: &'a [i64],
    kept: &'a mut [i64],
    len: usize,
    rule: PhantomData<R>,
}

impl<'a, R: Rule> Walk<'a, R> {
    /// Returns the hashes that are kept. Walks through the lower and the upper half of the hashes in turn, because a step
    /// waits for the one before it in the same half (measured: 1.6 times as fast).
    fn through(left: &[i64], right: &[i64]) -> Vec<i64> {
        let (lower, upper) = left.split_at(left.len() / 2);
        let middle = right.partition_point(|hash| Some(hash) < upper.first());
        let (right_lower, right_upper) = right.split_at(middle);
        // A step writes a hash before it knows whether to keep it.
        let capacity = R::capacity(lower.len(), right_lower.len()) + 1;
        let mut kept = vec![0; capacity + R::capacity(upper.len(), right_upper.len()) + 1];
        let (kept_lower, kept_upper) = kept.split_at_mut(capacity);
        let mut lower = Walk::<R>::new(lower, right_lower, kept_lower);
        let mut upper = Walk::<R>::new(upper, right_upper, kept_upper);
        while lower.step() && upper.step() {}
        let (lower, upper) = (lower.end(), upper.end());
        kept.copy_within(capacity..capacity + upper, lower);
        kept.truncate(lower + upper);
        kept
    }

    fn new(left: &'a [i64], right: &'a [i64], kept: &'a mut [i64]) -> Self {
        Self {
            left,
            right,
            kept,
            len: 0,
            rule: PhantomData,
        }
    }

    /// Compares the next hashes; returns false at the end of an array. There is no branch that depends on a hash, which
    /// would be mispredicted.
    fn step(&mut self) -> bool {
        let (Some(&left), Some(&right)) = (self.left.first(), self.right.first()) else {
            return false;
        };
        self.kept[self.len] = left.min(right);
        self.len += usize::from(R::keeps(left, right));
        self.left = &self.left[usize::from(left <= right)..];
        self.right = &self.right[usize::from(right <= left)..];
        true
    }

    /// Walks to the end; returns the number of kept hashes.
    fn end(mut self) -> usize {
        while self.step() {}
        for (rest, is_kept) in [(self.left, R::KEEPS_LEFT), (self.right, R::KEEPS_RIGHT)] {
            if is_kept {
                self.kept[self.len..][..rest.len()].copy_from_slice(rest);
                self.len += rest.len();
            }
        }
        self.len
    }
}

/// Merges a small array into a large one by copying the runs between its hashes.
fn union_by_galloping(large: &[i64], small: &[i64]) -> Vec<i64> {
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

/// Returns the hashes of a small array that a large one contains, too.
fn intersection_by_galloping(large: &[i64], small: &[i64]) -> Vec<i64> {
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
        prop::collection::btree_set(prop_oneof![near, any::<i64>()], 0..40)
    }

    proptest! {
        #[test]
        fn a_union_of_many_arrays_has_all_of_their_hashes(
            sets in prop::collection::vec(prop::collection::btree_set(0..2_000_i64, 0..400), 0..12)
        ) {
            let expected: Vec<i64> = sets.iter().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
            let arrays: Vec<Vec<i64>> = sets.into_iter().map(|set| set.into_iter().collect()).collect();
            let arrays: Vec<&[i64]> = arrays.iter().map(AsRef::as_ref).collect();
            prop_assert_eq!(union(&arrays), expected);
        }

        #[test]
        fn both_ways_give_what_a_set_of_std_gives(one in hashes(), other in hashes()) {
            let expected: [Vec<i64>; 3] = [
                one.union(&other).copied().collect(),
                one.intersection(&other).copied().collect(),
                one.difference(&other).copied().collect(),
            ];
            let [one, other] = [one, other].map(|set| set.into_iter().collect::<Vec<_>>());
            let galloping = [union_by_galloping(&one, &other), intersection_by_galloping(&one, &other)];
            prop_assert_eq!(&galloping[..], &expected[..2]);
            let walking = [Walk::<Union>::through(&one, &other), Walk::<Intersection>::through(&one, &other)];
            prop_assert_eq!(&walking[..], &expected[..2]);
            let chosen = [union(&[&one, &other]), intersection(&one, &other), difference(&one, &other)];
            prop_assert_eq!(chosen, expected);
        }
    }
}
