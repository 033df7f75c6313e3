//! Figures of a dashboard that rows of days are too coarse for.

use analytics_shared::problem::Problem;
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    figures::{CheckInCurve, CurvePoint, Details, HourSeries, Keys, Kind, Moment, Row, ZoneClock},
    store::{EventQuery, Snapshot, StoreError},
};

/// Kinds that are counted by the hour.
const HOURLY: [Kind; 4] = [Kind::View, Kind::Completed, Kind::Cancelled, Kind::CheckIn];

/// Looks at single facts of an event.
pub struct Looking<'a> {
    /// Where they are.
    pub snapshot: &'a Snapshot,
    /// The event, and the period that the answer is about.
    pub read: EventQuery,
    /// Which of them count.
    pub keys: &'a Keys,
    /// The clock that they are told by.
    pub clock: &'a ZoneClock,
    /// Whether they are looked at.
    pub details: Details,
}

impl Looking<'_> {
    /// The hours of the period.
    ///
    /// # Errors
    /// When the period has too many hours, or the database fails.
    pub async fn hour_series(&self) -> Result<HourSeries, Problem> {
        let series = HourSeries::of(self.read.period, self.clock);
        let mut series =
            series.map_err(|error| Problem::invalid("granularity", error.to_string()))?;
        let take = |moment: &Moment| {
            if self.counts(moment) {
                series.add(moment);
            }
        };
        self.snapshot.each_moment(&self.read, &HOURLY, take).await?;
        Ok(series)
    }

    /// When the first and the last fact happened. `rows` are those of the period, `counting` those of them
    /// that count.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ends(
        &self,
        rows: &[&Row],
        counting: &[&Row],
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError> {
        let days = counting.iter().filter(|row| row.count > 0);
        let days = days.map(|row| row.day);
        let Some(days) = Option::zip(days.clone().min(), days.max()) else {
            return Ok(None);
        };
        let is_of_these = |row: &&Row| row.day == days.0 || row.day == days.1;
        let of_days = rows.iter().copied().filter(is_of_these);
        // Without a filter the first fact that is found fits.
        if self.keys.are_all() || self.details.include(of_days) {
            self.snapshot.event_ends(&self.read, days, self.keys).await
        } else {
            Ok(None)
        }
    }

    /// The check-ins of `day` by the minute. `rows` are those of the period, of all facts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn curve(
        &self,
        rows: &[&Row],
        day: Option<NaiveDate>,
    ) -> Result<Option<(NaiveDate, Vec<CurvePoint>)>, StoreError> {
        let Some(day) = day else { return Ok(None) };
        let mut of_day = rows.iter().copied().filter(|row| row.day == day);
        if !self.details.include(of_day.clone()) {
            return Ok(None);
        }
        let mut curve = CheckInCurve::default();
        if of_day.any(|row| row.kind == Kind::CheckIn) {
            let take = |moment: &Moment| {
                if self.counts(moment) {
                    curve.add(moment);
                }
            };
            let read = self.read.of_day(day);
            let snapshot = self.snapshot;
            snapshot.each_moment(&read, &[Kind::CheckIn], take).await?;
        }
        Ok(Some((day, curve.points())))
    }

    fn counts(&self, moment: &Moment) -> bool {
        self.keys.take(&moment.source, &moment.ticket_type)
    }
}
