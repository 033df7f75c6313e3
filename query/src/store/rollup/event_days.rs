//! The days of one event with their versions.

use std::{collections::BTreeMap, sync::Arc};

use analytics_shared::period::Period;
use chrono::NaiveDate;

use super::versions::{DayVersion, Versions};
use crate::analytics::{DayRows, RegisteredEvent, RollupRows};

/// Days of one event, as they are in one snapshot.
#[derive(Clone, Debug, Default)]
pub struct EventDays {
    pub(super) days: BTreeMap<NaiveDate, VersionedDay>,
    /// The registry entry of the event, if it was requested and exists.
    pub registry: Option<RegisteredEvent>,
}

/// A day with its version.
#[derive(Clone, Debug)]
pub(super) struct VersionedDay {
    pub version: DayVersion,
    /// `None` if only versions were requested.
    pub rows: Option<Arc<DayRows>>,
    /// Whether the rows have the hours of their facts.
    pub has_hours: bool,
}

impl VersionedDay {
    /// Returns whether a query for days `with_hours` or without is served by this one.
    pub fn suffices(&self, with_hours: bool) -> bool {
        self.has_hours || !with_hours
    }
}

impl EventDays {
    /// Returns the versions of the days.
    pub fn versions(&self) -> Versions {
        Versions::of(self.days.values().map(|day| day.version))
    }

    /// Returns the rows of the days of `period`. A rebuild may have left a day without rows.
    pub fn rows(&self, period: Period) -> RollupRows {
        let days = self.days.range(period.from..=period.to);
        let rows = days.filter_map(|(_, day)| day.rows.clone());
        rows.filter(|day| day.table.rows().len() > 0).collect()
    }

    /// Returns whether these days contain all days of `newer`, in the same versions.
    pub fn contains(&self, newer: &Self) -> bool {
        newer.days.iter().all(|(date, day)| {
            let known = self.days.get(date).filter(|known| known.rows.is_some());
            known.is_some_and(|known| known.version == day.version && known.suffices(day.has_hours))
        })
    }

    /// Returns whether all rows have the hours of their facts.
    pub fn have_hours(&self) -> bool {
        self.days.values().all(|day| day.has_hours)
    }

    /// Returns these days with those of `newer` in place of their earlier versions, without the registry
    /// entry.
    pub fn updated_by(&self, newer: &Self) -> Self {
        let mut days = self.days.clone();
        days.extend(newer.days.clone());
        let registry = None;
        Self { days, registry }
    }

    /// Returns the approximate memory in bytes.
    pub fn bytes(&self) -> usize {
        let rows = self.days.values().filter_map(|day| day.rows.as_ref());
        let rows: usize = rows.map(|rows| rows.bytes()).sum();
        size_of::<Self>() + self.days.len() * size_of::<VersionedDay>() + rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytics::DayTable;

    fn days(version: i64, rows: Option<Arc<DayRows>>) -> EventDays {
        let day = "2026-11-23".parse().unwrap();
        let version = DayVersion {
            day,
            version,
            changed_at: "2026-11-23T10:00:00Z".parse().unwrap(),
        };
        let day_of_event = VersionedDay {
            version,
            has_hours: rows.is_some(),
            rows,
        };
        EventDays {
            days: [(day, day_of_event)].into(),
            registry: None,
        }
    }

    #[test]
    fn days_contain_those_of_the_same_version_with_rows() {
        let rows = || {
            let table = DayTable::new("2026-11-23".parse().unwrap());
            Some(Arc::new(DayRows::new(table)))
        };
        let known = days(1, rows());
        assert!(known.contains(&days(1, rows())));
        assert!(!known.contains(&days(2, rows())));
        assert!(!days(1, None).contains(&known));
        assert!(known.contains(&EventDays::default()));
        assert!(
            known
                .updated_by(&days(2, rows()))
                .contains(&days(2, rows()))
        );
    }
}
