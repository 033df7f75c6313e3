//! Pages of lists: the entries of one page in order, and all others to be summed up.

use std::cmp::Ordering;

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageRange {
    /// Page number from 0.
    pub number: u32,
    /// Entries per page.
    pub size: u32,
}

/// The entries of a page, and the others.
#[derive(Debug)]
pub struct PageSelection<'a, T> {
    /// Entries of the page, in order.
    pub listed: &'a [T],
    /// Entries before and after the page, in any order.
    others: [&'a [T]; 2],
}

impl PageRange {
    /// Selects the entries of the page by the order `compare`. The others are not sorted, because there may be
    /// many of them.
    pub fn select<T>(
        self,
        entries: &mut [T],
        compare: impl Fn(&T, &T) -> Ordering,
    ) -> PageSelection<'_, T> {
        let [number, size] = [self.number, self.size].map(|one| usize::try_from(one).ok());
        let (number, size) = (number.unwrap_or(usize::MAX), size.unwrap_or(usize::MAX));
        let start = number.saturating_mul(size).min(entries.len());
        let end = start.saturating_add(size).min(entries.len());
        if end < entries.len() {
            entries.select_nth_unstable_by(end, &compare);
        }
        if 0 < start && start < end {
            entries[..end].select_nth_unstable_by(start, &compare);
        }
        entries[start..end].sort_unstable_by(&compare);
        let (before, rest) = entries.split_at(start);
        let (listed, after) = rest.split_at(end - start);
        PageSelection {
            listed,
            others: [before, after],
        }
    }
}

impl<'a, T> PageSelection<'a, T> {
    /// Returns the entries of all other pages.
    pub fn others(&self) -> impl Iterator<Item = &'a T> + Clone + use<'a, T> {
        self.others.into_iter().flatten()
    }

    /// Returns the number of the other entries.
    pub fn others_len(&self) -> u64 {
        self.others.iter().map(|part| part.len() as u64).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_page_has_what_sorting_everything_gives(
            entries in prop::collection::hash_set(0..99_u32, 0..40),
            (number, size) in (prop_oneof![0..6_u32, Just(u32::MAX)], 1..12_u32),
        ) {
            let mut entries: Vec<u32> = entries.into_iter().collect();
            let mut sorted = entries.clone();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            let skipped = (number as usize).saturating_mul(size as usize);
            let expected: Vec<u32> = sorted.iter().copied().skip(skipped).take(size as usize).collect();
            let page = PageRange { number, size };
            let selection = page.select(&mut entries, |a, b| b.cmp(a));
            prop_assert_eq!(selection.listed, &expected[..]);
            let mut all: Vec<u32> = selection.others().copied().chain(expected.iter().copied()).collect();
            prop_assert_eq!(selection.others_len(), (sorted.len() - expected.len()) as u64);
            all.sort_unstable_by(|a, b| b.cmp(a));
            prop_assert_eq!(all, sorted);
        }
    }
}
