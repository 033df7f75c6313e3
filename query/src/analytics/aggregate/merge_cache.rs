//! Sums of many parts of which one at a time changes: those of all the others are kept, so that a
//! change costs one merge of two.

use std::sync::Arc;

use super::{Kind, day_summary::Sums};

/// The sums of all parts but one.
#[derive(Clone, Debug, Default)]
pub struct MergeCache {
    /// Numbers of all parts, in order.
    parts: Vec<u64>,
    /// Which of them is not in `rest`.
    except: usize,
    rest: Arc<Sums>,
}

impl MergeCache {
    /// Adds up `parts`, each with a number that stands for its content, with the visitors of the
    /// `visited` kinds. `self` is what was left of adding up others, or the same before a change.
    pub(super) fn merge(&self, parts: &[(u64, &Sums)], visited: &[Kind]) -> (Sums, Self) {
        let numbers: Vec<u64> = parts.iter().map(|(number, _)| *number).collect();
        let Some(except) = self.changed(&numbers) else {
            return (Sums::default(), Self::default());
        };
        let rest = if self.holds_rest_of(&numbers, except) {
            Arc::clone(&self.rest)
        } else {
            let (before, after) = (&parts[..except], &parts[except + 1..]);
            let others: Vec<&Sums> = before.iter().chain(after).map(|(_, sums)| *sums).collect();
            Arc::new(Sums::merge(&others, visited))
        };
        let all = Sums::merge(&[&rest, parts[except].1], visited);
        let cache = Self {
            parts: numbers,
            except,
            rest,
        };
        (all, cache)
    }

    /// Memory that it takes beside its own size, about.
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&self.parts[..]) + self.rest.bytes()
    }

    /// The last part that was not there before, else the last one: it is the likeliest to change next.
    fn changed(&self, numbers: &[u64]) -> Option<usize> {
        let is_new = |number: &u64| !self.parts.contains(number);
        let last_new = numbers.iter().rposition(is_new);
        last_new.or_else(|| numbers.len().checked_sub(1))
    }

    fn holds_rest_of(&self, numbers: &[u64], except: usize) -> bool {
        except == self.except
            && self.parts.len() == numbers.len()
            && self.parts[..except] == numbers[..except]
            && self.parts[except + 1..] == numbers[except + 1..]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::figures::{DaySummary, Row};

    fn day(visitors: &[i64]) -> DaySummary {
        let row = Row {
            count: visitors.len() as u64,
            visitors: visitors.iter().copied().collect(),
            ..Row::blank("2026-11-23", Kind::View)
        };
        DaySummary::of(row.day, [&row])
    }

    fn views(sums: &Sums) -> (u64, u64) {
        let tally = &sums.total;
        (tally.count(Kind::View), tally.visitors(Kind::View))
    }

    proptest! {
        #[test]
        fn a_change_of_any_part_gives_what_adding_up_all_gives(
            changes in prop::collection::vec((0..4_usize, prop::collection::vec(0..9_i64, 0..4)), 1..12)
        ) {
            let mut days: Vec<DaySummary> = Vec::new();
            let mut cache = MergeCache::default();
            for (at, visitors) in changes {
                if at < days.len() {
                    days[at] = day(&visitors);
                } else {
                    days.push(day(&visitors));
                }
                let parts: Vec<_> = days.iter().map(|day| (day.number(), day.sums())).collect();
                let sums: Vec<_> = days.iter().map(DaySummary::sums).collect();
                let (all, next) = cache.merge(&parts, &Kind::VISITED);
                prop_assert_eq!(views(&all), views(&Sums::merge(&sums, &Kind::VISITED)));
                cache = next;
            }
        }
    }

    #[test]
    fn the_rest_is_kept_while_the_same_part_changes() {
        let (first, second) = (day(&[1]), day(&[1, 2]));
        let parts = |last: &DaySummary| {
            let (_, cache) = MergeCache::default().merge(
                &[(first.number(), first.sums()), (last.number(), last.sums())],
                &Kind::VISITED,
            );
            cache
        };
        let cache = parts(&second);
        let third = day(&[3]);
        let changed = [
            (first.number(), first.sums()),
            (third.number(), third.sums()),
        ];
        let (all, next) = cache.merge(&changed, &Kind::VISITED);
        assert_eq!(views(&all), (2, 2));
        assert!(Arc::ptr_eq(&cache.rest, &next.rest));
    }
}
