//! The distinct values of one day of an event.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use analytics_shared::http::ClientNetwork;
use strum_macros::{EnumIter, IntoStaticStr};

use crate::store::lookup::event_values::StoredValues;

/// The value that replaces another one beyond the limit.
pub const OTHER: &str = "other";
/// The values that are always kept and do not count: the defaults of the service. The empty one stands
/// for no ticket type.
const DEFAULTS: [&str; 4] = ["", "direct", "unknown", OTHER];
/// The age at which the stored values are read again before a value is replaced: trusted callers and
/// other processes may have stored it.
const MAX_AGE: Duration = Duration::from_secs(10);
/// The share of the values of a day that one client may add.
const CLIENT_SHARE: usize = 10;

/// A column of the rollup whose distinct values are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Column {
    /// `event_type`, as far as the type has no meaning.
    EventType,
    /// `source`
    Source,
    /// `ticket_type`
    TicketType,
}

/// The distinct values of one day of an event.
#[derive(Default)]
pub struct DayValues {
    /// As hashes with a random key: a value can have 200 characters.
    known: HashSet<(Column, u64)>,
    counts: HashMap<Column, usize>,
    /// The number of values that each client has added.
    added: HashMap<(Column, Option<ClientNetwork>), usize>,
    hasher: RandomState,
    /// The time of the last look-up.
    read_at: Option<Instant>,
}

impl DayValues {
    /// Whether the stored values should be read before `value` is added.
    pub fn is_outdated(
        &self,
        column: Column,
        value: &str,
        max: usize,
        client: Option<ClientNetwork>,
        now: Instant,
    ) -> bool {
        match self.read_at {
            None => true,
            Some(read_at) => {
                now.duration_since(read_at) > MAX_AGE
                    && !self.is_known(column, value)
                    && !self.has_room(column, max, client)
            }
        }
    }

    /// Adds the values that are stored at `now`, regardless of the limit.
    pub fn read(&mut self, stored: &StoredValues, now: Instant) {
        for (column, values) in [
            (Column::EventType, &stored.event_types),
            (Column::Source, &stored.sources),
            (Column::TicketType, &stored.ticket_types),
        ] {
            for value in values {
                if !self.is_known(column, value) {
                    self.insert(column, value);
                }
            }
        }
        self.read_at = Some(now);
    }

    /// Returns whether a fact of `client` may have this value, and adds it if it is new. The day may have
    /// `max` values, a tenth of which one client may add.
    pub fn add(
        &mut self,
        column: Column,
        value: &str,
        max: usize,
        client: Option<ClientNetwork>,
    ) -> bool {
        if self.is_known(column, value) {
            return true;
        }
        if !self.has_room(column, max, client) {
            return false;
        }
        self.insert(column, value);
        *self.added.entry((column, client)).or_default() += 1;
        true
    }

    fn is_known(&self, column: Column, value: &str) -> bool {
        DEFAULTS.contains(&value) || self.known.contains(&(column, self.hasher.hash_one(value)))
    }

    fn has_room(&self, column: Column, max: usize, client: Option<ClientNetwork>) -> bool {
        let count = self.counts.get(&column).copied().unwrap_or_default();
        let added = self.added.get(&(column, client)).copied();
        count < max && added.unwrap_or_default() < max.div_ceil(CLIENT_SHARE)
    }

    fn insert(&mut self, column: Column, value: &str) {
        self.known.insert((column, self.hasher.hash_one(value)));
        *self.counts.entry(column).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const MAX: usize = 200;

    fn client(number: u8) -> ClientNetwork {
        IpAddr::from(Ipv4Addr::new(203, 0, 113, number)).into()
    }

    fn sources(names: &[&str]) -> StoredValues {
        StoredValues {
            sources: names.iter().map(|&name| name.to_owned()).collect(),
            ..StoredValues::default()
        }
    }

    /// The number of sources of 1,000 that each client may add.
    fn added(values: &mut DayValues, clients: std::ops::Range<u8>) -> Vec<usize> {
        let add = |number: u8| {
            let names = (0..1_000).map(|name| format!("{number}-{name}"));
            let kept =
                names.filter(|name| values.add(Column::Source, name, MAX, Some(client(number))));
            kept.count()
        };
        clients.map(add).collect()
    }

    #[test]
    fn a_client_adds_a_tenth_of_the_values_and_all_clients_together_all() {
        let mut values = DayValues::default();
        let by_client = added(&mut values, 0..12);
        assert_eq!(by_client, [20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 0, 0]);
        // Known values and defaults are kept, and each column has its own limit.
        for known in ["0-0", "direct", "other", "unknown"] {
            assert!(
                values.add(Column::Source, known, MAX, Some(client(99))),
                "{known}"
            );
        }
        assert!(values.add(Column::TicketType, "VIP", MAX, Some(client(0))));
        assert!(!values.add(Column::Source, "VIP", MAX, Some(client(0))));
    }

    #[test]
    fn a_stored_value_is_kept_beyond_the_limit_and_counts() {
        let (mut values, now) = (DayValues::default(), Instant::now());
        values.read(&sources(&["partner", "direct"]), now);
        assert_eq!(added(&mut values, 0..10).iter().sum::<usize>(), 199);
        values.read(&sources(&["late partner"]), now);
        assert!(values.add(Column::Source, "partner", MAX, Some(client(50))));
        assert!(values.add(Column::Source, "late partner", MAX, Some(client(50))));
        assert!(!values.add(Column::Source, "stranger", MAX, Some(client(50))));
    }

    #[test]
    fn stored_values_are_read_first_and_again_before_a_value_is_replaced() {
        let (mut values, start) = (DayValues::default(), Instant::now());
        let is_outdated = |values: &DayValues, name: &str, seconds| {
            let now = start + Duration::from_secs(seconds);
            values.is_outdated(Column::Source, name, MAX, Some(client(1)), now)
        };
        assert!(is_outdated(&values, "new", 0));
        values.read(&StoredValues::default(), start);
        assert!(!is_outdated(&values, "new", 60));
        added(&mut values, 1..2);
        assert!(!is_outdated(&values, "new", 5));
        assert!(is_outdated(&values, "new", 60));
        assert!(!is_outdated(&values, "1-0", 60));
    }
}
