//! The series of the chart: records counted by day while they are written.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{analytics::TimeZoneRules, export::table::Record, store::TenantQuery};

/// The series of a dataset, for every day of the period.
pub(super) struct DailySeries {
    rules: TimeZoneRules,
    pub names: Vec<&'static str>,
    /// Counts of the series by day.
    pub days: BTreeMap<NaiveDate, Vec<u64>>,
}

impl DailySeries {
    pub fn new<T: Record>(query: &TenantQuery) -> Self {
        let zeros = |day| (day, vec![0; T::SERIES.len()]);
        Self {
            rules: query.rules.clone(),
            names: T::SERIES.iter().map(|(name, _)| *name).collect(),
            days: query.period.days().map(zeros).collect(),
        }
    }

    pub fn add<T: Record>(&mut self, record: &T) {
        let counts = self.days.entry(record.day(&self.rules));
        let counts = counts.or_insert_with(|| vec![0; T::SERIES.len()]);
        for (count, (_, add)) in counts.iter_mut().zip(T::SERIES) {
            *count += add(record);
        }
    }
}
