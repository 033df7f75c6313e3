//! Figures of a dashboard that rows of days are too coarse for.

use analytics_shared::problem::Problem;
use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    figures::{
        CheckInCurve, CurvePoint, Details, HourCount, HourSeries, Keys, Kind, Moment, Row, Rows,
        Week, ZoneClock,
    },
    store::{EventRead, Snapshot, StoreError},
};

/// What hours tell of.
const HOURLY: [Kind; 4] = [Kind::View, Kind::Completed, Kind::Cancelled, Kind::CheckIn];

/// Looks at single facts of an event.
pub struct Looking<'a> {
    /// Where they are.
    pub snapshot: &'a Snapshot,
    /// The event, and the period that the answer is about.
    pub read: EventRead,
    /// Which of them count.
    pub keys: &'a Keys,
    /// The clock that they are told by.
    pub clock: &'a ZoneClock,
    /// Whether they are looked at.
    pub details: Details,
}

/// Figures by the hour.
pub struct Hours {
    /// Of the week, unless too much would have to be looked at.
    pub week: Option<Week>,
    /// Of the period, if it was asked for.
    pub series: Option<HourSeries>,
}

impl Looking<'_> {
    /// The hours of the week, and of the period if they are wanted. `found` are the rows of the period.
    ///
    /// # Errors
    /// When the period has too many hours, or the database fails.
    pub async fn hours(&self, found: &Rows, with_series: bool) -> Result<Hours, Problem> {
        let period = self.read.period;
        let is_counted = self.keys.are_all() && !self.read.is_of_facts();
        let counted = is_counted.then(|| found.hours().collect::<Week>());
        let mut week = Week::default();
        if with_series {
            let series = HourSeries::of(period, self.clock);
            let mut series =
                series.map_err(|error| Problem::invalid("granularity", error.to_string()))?;
            let take = |visit: &Moment| {
                if self.counts(visit) {
                    series.add(visit);
                    week.add(&HourCount::of(visit, self.clock));
                }
            };
            let snapshot = self.snapshot;
            snapshot.each_visit(&self.read, &HOURLY, take).await?;
            let is_wanted = self.details != Details::Never;
            return Ok(Hours {
                week: counted.or_else(|| is_wanted.then_some(week)),
                series: Some(series),
            });
        }
        let is_wanted = counted.is_none() && self.details.include(facts(&found.all()));
        if is_wanted {
            let take = |moment: &Moment| {
                if self.counts(moment) {
                    week.add(&HourCount::of(moment, self.clock));
                }
            };
            let snapshot = self.snapshot;
            snapshot.each_moment(&self.read, &HOURLY, take).await?;
        }
        Ok(Hours {
            week: counted.or_else(|| is_wanted.then_some(week)),
            series: None,
        })
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
        let of_days = rows
            .iter()
            .filter(|row| row.day == days.0 || row.day == days.1);
        let facts = of_days.map(|row| row.count).sum();
        // Without a filter the first fact that is found fits.
        if self.keys.are_all() || self.details.include(facts) {
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
        let of_day = rows.iter().copied().filter(|row| row.day == day);
        let of_day: Vec<&Row> = of_day.collect();
        if !self.details.include(facts(&of_day)) {
            return Ok(None);
        }
        let mut curve = CheckInCurve::default();
        if of_day.iter().any(|row| row.kind == Kind::CheckIn) {
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

/// How many facts there are.
fn facts(rows: &[&Row]) -> u64 {
    rows.iter().map(|row| row.count).sum()
}
