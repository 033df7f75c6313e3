//! Names of ticket types.
//!
//! Messages of the platform often carry the name of a ticket type without its id. Facts that have
//! only a name are counted under the id with that name, if there is exactly one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{day_table::RowRef, event_kind::EventKind};

/// Ids and names of the ticket types of a period. They are resolved over all facts of the period,
/// also where a filter selects some of them, so that a filter does not change them.
#[derive(Clone, Debug)]
pub struct TicketTypeNames<'a> {
    /// The name of each key on its latest day.
    latest: BTreeMap<&'a str, &'a str>,
    /// The id of each name that exactly one id has.
    id_of: BTreeMap<&'a str, &'a str>,
    /// Keys that are names according to views and starts alone.
    unverified: BTreeSet<&'a str>,
}

impl<'a> TicketTypeNames<'a> {
    /// Collects the names from all rows of a period.
    pub fn of(rows: &[RowRef<'a>]) -> Self {
        let mut newest = BTreeMap::<&str, (NaiveDate, &str)>::new();
        let (trusted, untrusted): (Vec<_>, Vec<_>) =
            rows.iter().copied().partition(|row| is_trusted(*row));
        for row in &trusted {
            let Some(name) = row.ticket_type_name() else {
                continue;
            };
            if !row.ticket_type().is_empty() {
                let dated = (row.day(), name);
                let known = newest.entry(row.ticket_type()).or_insert(dated);
                *known = dated.max(*known);
            }
        }
        let newest = newest.into_iter();
        let latest: BTreeMap<_, _> = newest.map(|(key, (_, name))| (key, name)).collect();
        let mut ids = BTreeMap::<&str, Vec<&str>>::new();
        for (&key, &name) in latest.iter().filter(|(key, name)| key != name) {
            ids.entry(name).or_default().push(key);
        }
        let id_of = ids.into_iter().filter_map(|(name, ids)| match ids[..] {
            [id] => Some((name, id)),
            _ => None,
        });
        let trusted: BTreeSet<&str> = trusted.iter().map(|row| row.ticket_type()).collect();
        let names = untrusted
            .into_iter()
            .filter(|row| row.ticket_type_name() == Some(row.ticket_type()));
        let names = names.map(RowRef::ticket_type);
        Self {
            id_of: id_of.collect(),
            latest,
            unverified: names.filter(|key| !trusted.contains(key)).collect(),
        }
    }

    /// Returns whether `requested` is the id or the name of the ticket type of `key`.
    pub(super) fn matches(&self, key: &'a str, requested: &str) -> bool {
        let key = self.resolve(key);
        key == requested || self.latest.get(key).is_some_and(|name| *name == requested)
    }

    /// Returns the id and the name of a resolved key.
    pub fn id_and_name(&self, key: &'a str) -> (Option<&'a str>, Option<&'a str>) {
        let name = self.latest.get(key).or_else(|| self.unverified.get(key));
        (self.is_id(key).then_some(key), name.copied())
    }

    /// Returns whether the key is an id: neither empty nor a name in place of one.
    fn is_id(&self, key: &str) -> bool {
        let is_name = self
            .latest
            .get(key)
            .map_or(self.unverified.contains(key), |&name| name == key);
        !key.is_empty() && !is_name
    }

    /// Returns the key that facts of `key` are counted under.
    pub fn resolve(&self, key: &'a str) -> &'a str {
        match self.id_of.get(key) {
            Some(id) if !self.is_id(key) => id,
            _ => key,
        }
    }
}

/// Returns whether the row may define names: any client may send views and starts.
fn is_trusted(row: RowRef<'_>) -> bool {
    !matches!(row.kind(), EventKind::View | EventKind::Started)
}
