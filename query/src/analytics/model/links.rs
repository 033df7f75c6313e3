//! Links between the visitor id of a browser and the user who uses it, for one event or several.

use std::sync::Arc;

use analytics_shared::visitor_set::VisitorSet;

/// A browser and its user, as a fact names both: the hashes of the visitor id and of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    pub visitor: i64,
    pub user: i64,
}

/// The links of browsers, sorted: of several users of a browser, the one with the smallest hash. Cloning is cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links(Arc<[Link]>);

impl Links {
    /// Merges links.
    pub fn merge<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut parts = parts.into_iter().filter(|part| !part.0.is_empty());
        let (Some(first), second) = (parts.next(), parts.next()) else {
            return Self::default();
        };
        let Some(second) = second else {
            return first.clone();
        };
        let all = [first, second].into_iter().chain(parts);
        all.flat_map(|part| part.0.iter().copied()).collect()
    }

    /// Returns the people of `visitors`: each browser with a link becomes its user, so that a person counts once.
    /// Users are people already.
    pub fn people(&self, visitors: &VisitorSet) -> VisitorSet {
        let linked = self.linked(visitors);
        if linked.is_empty() {
            return visitors.clone();
        }
        let mut rest = linked.iter().map(|link| link.visitor).peekable();
        let is_unlinked = |hash: &i64| rest.next_if_eq(hash).is_none();
        let unlinked = visitors.as_slice().iter().copied().filter(is_unlinked);
        let users = linked.iter().map(|link| link.user);
        VisitorSet::union([&unlinked.collect(), &users.collect()])
    }

    /// Returns the `visitors` who are, or whose user is, among `people`.
    pub fn visitors_of(&self, visitors: &VisitorSet, people: &VisitorSet) -> VisitorSet {
        let linked = self.linked(visitors);
        let users: VisitorSet = linked.iter().map(|link| link.user).collect();
        let users = users.intersection(people);
        let is_of_people = |link: &&Link| users.as_slice().binary_search(&link.user).is_ok();
        let linked = linked.iter().filter(is_of_people).map(|link| link.visitor);
        VisitorSet::union([&visitors.intersection(people), &linked.collect()])
    }

    /// Returns the links of `visitors`, sorted.
    fn linked(&self, visitors: &VisitorSet) -> Vec<Link> {
        let (links, visitors) = (&self.0, visitors.as_slice());
        if visitors.len() < links.len() {
            let found = visitors.iter().filter_map(|visitor| {
                let at = links.binary_search_by_key(visitor, |link| link.visitor);
                at.ok().map(|at| links[at])
            });
            found.collect()
        } else {
            let is_wanted = |link: &&Link| visitors.binary_search(&link.visitor).is_ok();
            links.iter().filter(is_wanted).copied().collect()
        }
    }

    /// Returns the memory in bytes.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&self.0[..])
    }
}

impl FromIterator<Link> for Links {
    fn from_iter<T: IntoIterator<Item = Link>>(links: T) -> Self {
        let mut links: Vec<Link> = links.into_iter().collect();
        // A stable sort finds the runs of merged parts, which are sorted.
        links.sort();
        links.dedup_by_key(|link| link.visitor);
        Self(links.into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Hashes of browsers are below 10, those of users above.
    fn links() -> impl Strategy<Value = Vec<Link>> {
        let link = (0..10_i64, 10..16_i64).prop_map(|(visitor, user)| Link { visitor, user });
        prop::collection::vec(link, 0..8)
    }

    fn person(links: &[Link], visitor: i64) -> i64 {
        let users = links.iter().filter(|link| link.visitor == visitor);
        users.map(|link| link.user).min().unwrap_or(visitor)
    }

    proptest! {
        #[test]
        fn a_browser_is_its_smallest_user(
            links in links(),
            visitors in prop::collection::btree_set(0..16_i64, 0..12),
            people in prop::collection::btree_set(0..16_i64, 0..12),
        ) {
            let set = |hashes: &BTreeSet<i64>| hashes.iter().copied().collect::<VisitorSet>();
            let (found, visitors_set) = (links.iter().copied().collect::<Links>(), set(&visitors));
            let expected = visitors.iter().map(|&visitor| person(&links, visitor)).collect();
            prop_assert_eq!(found.people(&visitors_set), set(&expected));
            let of_people = visitors.iter().copied().filter(|&visitor| {
                // The people of a set contain no browser that has a user.
                people.contains(&person(&links, visitor)) || people.contains(&visitor)
            });
            prop_assert_eq!(found.visitors_of(&visitors_set, &set(&people)), set(&of_people.collect()));
            let (one, other) = links.split_at(links.len() / 2);
            let parts = [one, other].map(|part| part.iter().copied().collect::<Links>());
            prop_assert_eq!(Links::merge(&parts), found);
        }
    }
}
