//! A part of a whole that has changed. Mostly it has gained a few facts, which are added to the whole as it was before.

use analytics_shared::visitor_set::VisitorSet;

/// A part before and after a change. `whole` consists of `rest` and `old`.
#[derive(Debug)]
pub struct ChangedPart<'a, T> {
    pub rest: &'a T,
    pub old: &'a T,
    pub new: &'a T,
    pub whole: &'a T,
}

impl<'a, T> ChangedPart<'a, T> {
    /// Returns the change of a field.
    pub fn field<U>(&self, field: impl Fn(&'a T) -> &'a U) -> ChangedPart<'a, U> {
        ChangedPart {
            rest: field(self.rest),
            old: field(self.old),
            new: field(self.new),
            whole: field(self.whole),
        }
    }
}

impl ChangedPart<'_, VisitorSet> {
    /// Returns the union of `rest` and `new`. Unless visitors of `old` are missing, those that are new are added to `whole`,
    /// which is not copied if there are none.
    pub fn union(&self) -> VisitorSet {
        let added = self.new.difference(self.old);
        if self.old.len() + added.len() == self.new.len() {
            VisitorSet::union([self.whole, &added])
        } else {
            VisitorSet::union([self.rest, self.new])
        }
    }
}
