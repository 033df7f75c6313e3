//! The period and the zone that a request asks for.

use analytics_shared::{
    period::{self, Period},
    problem::Problem,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::types::{Day, Sent};
use crate::{
    figures::{Compare, Today, ZoneClock, starting_with_facts},
    store::Store,
};

/// The days that a request names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Days {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Days {
    /// Reads the parameters `dateFrom` and `dateTo`.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn sent(from: Option<&Sent<Day>>, to: Option<&Sent<Day>>) -> Result<Self, Problem> {
        let day = |sent: Option<&Sent<Day>>, field| {
            let day = sent.map(|sent| sent.read(field)).transpose()?;
            Ok::<_, Problem>(day.map(|day| day.0))
        };
        Ok(Self {
            from: day(from, "dateFrom")?,
            to: day(to, "dateTo")?,
        })
    }

    /// Days of which both are known.
    #[must_use]
    pub fn both(from: Day, to: Day) -> Self {
        Self {
            from: Some(from.0),
            to: Some(to.0),
        }
    }
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asked {
    /// The days.
    pub period: Period,
    /// The clock that the days are told by.
    pub clock: ZoneClock,
    /// The present day.
    pub today: NaiveDate,
    /// Whether the answer begins with the first day that has facts.
    open_start: bool,
}

impl Asked {
    /// Decides on the period and the zone; `own_zone` is that of what is asked for.
    ///
    /// # Errors
    /// A problem that names the parameter; or the database fails.
    pub async fn read(
        store: &Store,
        days: Days,
        timezone: Option<&str>,
        own_zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let zone = timezone.map_or(Ok(own_zone), zone)?;
        Self::of(days, store.clock(zone).await?, now)
    }

    fn of(days: Days, clock: ZoneClock, now: DateTime<Utc>) -> Result<Self, Problem> {
        let today = clock.day(now);
        let period = Period::requested(days.from, days.to, today)
            .map_err(|invalid| Problem::invalid(invalid.field(), invalid.to_string()))?;
        Ok(Self {
            period,
            clock,
            today,
            open_start: days.from.is_none(),
        })
    }

    /// The zone of the days.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.clock.zone()
    }

    /// The present day, where days are counted.
    #[must_use]
    pub fn today(&self) -> Today<'_> {
        Today {
            date: self.today,
            asked: self.period,
            clock: &self.clock,
        }
    }

    /// The same question about the period that `period` is compared with. It goes as far back as
    /// there is anything.
    ///
    /// # Errors
    /// A problem that names the parameter, where no calendar goes so far back.
    pub fn earlier(&self, compare: Compare, period: Period) -> Result<Self, Problem> {
        let earlier = compare.earlier(period);
        let period = earlier.and_then(|earlier| Period::new(earlier.from, earlier.to).ok());
        let period = period.ok_or_else(|| {
            Problem::invalid("compare", "there is no earlier period before this one")
        })?;
        Ok(Self {
            period,
            ..self.clone()
        })
    }

    /// The days that an answer may depend on, with those of an earlier period. Where the start is
    /// open the earlier period may begin anywhere before it.
    ///
    /// # Errors
    /// As [`Self::earlier`].
    pub fn reach(&self, compare: Option<Compare>) -> Result<Period, Problem> {
        let Some(compare) = compare else {
            return Ok(self.period);
        };
        let earlier = self.earlier(compare, self.period)?;
        Ok(Period {
            from: earlier.period.from,
            to: self.period.to,
        })
    }

    /// The period that the answer is about, now that the days with facts are known.
    #[must_use]
    pub fn period_of(&self, days: impl Iterator<Item = NaiveDate>) -> Period {
        if self.open_start {
            starting_with_facts(self.period, days)
        } else {
            self.period
        }
    }
}

fn zone(name: &str) -> Result<Tz, Problem> {
    period::zone(name).map_err(|invalid| Problem::invalid("timezone", invalid.to_string()))
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;

    use super::*;
    use crate::figures::clock;

    fn asked(from: Option<&str>, to: Option<&str>, zone: Option<&str>) -> Result<Asked, String> {
        let day = |text: &str| text.parse().unwrap();
        let days = Days {
            from: from.map(day),
            to: to.map(day),
        };
        let now = "2026-11-23T23:30:00Z".parse().unwrap();
        let zone = zone.map_or(Ok(Tz::UTC), super::zone);
        let asked = zone.and_then(|zone| Asked::of(days, clock(zone), now));
        asked.map_err(|problem| {
            let json = problem.to_json().unwrap();
            json["errors"][0]["field"].as_str().unwrap().to_owned()
        })
    }

    #[test]
    fn today_is_the_day_in_the_zone_that_was_asked_for() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(
            asked(None, None, None).unwrap().period.to,
            date("2026-11-23")
        );
        let tokyo = asked(None, None, Some("Asia/Tokyo")).unwrap();
        assert_eq!(tokyo.period.to, date("2026-11-24"));
    }

    #[test]
    fn a_problem_names_the_parameter() {
        let of = |from, to, zone| asked(from, to, zone).unwrap_err();
        assert_eq!(of(None, None, Some("Mars/Base")), "timezone");
        assert_eq!(of(None, None, Some("CET")), "timezone");
        assert_eq!(of(Some("2026-02-02"), Some("2026-02-01"), None), "dateFrom");
        assert_eq!(of(Some("2020-01-01"), Some("2026-02-01"), None), "dateFrom");
        assert_eq!(of(Some("0000-01-01"), None, None), "dateFrom");
    }
}
