//! The reporting period: the days and the time zone of a response.

use analytics_shared::{parse::time_zone, period::Period, problem::Problem};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::raw_param::RawParam;
use crate::{
    analytics::{AsOfDate, CalendarDate, CompareWith, TimeZoneRules, trim_to_first_fact},
    store::{Store, TenantQuery},
};

/// The requested dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateRangeParams {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl DateRangeParams {
    /// Parses the parameters `dateFrom` and `dateTo`.
    ///
    /// # Errors
    /// Fails with a problem that names the invalid parameter.
    pub fn parse(
        from: Option<&RawParam<CalendarDate>>,
        to: Option<&RawParam<CalendarDate>>,
    ) -> Result<Self, Problem> {
        let date = |text: Option<&RawParam<CalendarDate>>, field| {
            let date = text.map(|text| text.date(field)).transpose()?;
            Ok::<_, Problem>(date.map(|date| date.0))
        };
        Ok(Self {
            from: date(from, "dateFrom")?,
            to: date(to, "dateTo")?,
        })
    }
}

/// The days and the time zone of a response.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReportingPeriod {
    pub period: Period,
    pub rules: TimeZoneRules,
    pub today: NaiveDate,
    /// Whether the response begins with the first day with facts.
    is_start_open: bool,
}

impl ReportingPeriod {
    /// Resolves the requested dates and time zone; `default_zone` applies if no zone is requested.
    ///
    /// # Errors
    /// Fails with a problem that names the invalid parameter, or if the database fails.
    pub async fn resolve(
        store: &Store,
        dates: DateRangeParams,
        timezone: Option<&str>,
        default_zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let zone = timezone.map_or(Ok(default_zone), parse_zone)?;
        Self::of(dates, store.time_zone_rules(zone).await?, now)
    }

    fn of(
        dates: DateRangeParams,
        rules: TimeZoneRules,
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let today = rules.day(now);
        let period = Period::requested(dates.from, dates.to, today)
            .map_err(|invalid| Problem::invalid(invalid.field(), invalid.to_string()))?;
        Ok(Self {
            period,
            rules,
            today,
            is_start_open: dates.from.is_none(),
        })
    }

    pub fn zone(&self) -> Tz {
        self.rules.zone()
    }

    /// Returns the current date for no-shows.
    pub fn as_of_date(&self) -> AsOfDate<'_> {
        AsOfDate {
            date: self.today,
            period: self.period,
            rules: &self.rules,
        }
    }

    /// Returns the query for the facts of a tenant in `period`.
    pub fn tenant_query(&self, tenant_id: Uuid, period: Period) -> TenantQuery {
        TenantQuery {
            tenant_id,
            period,
            rules: self.rules.clone(),
        }
    }

    /// Returns all days on which a response may depend, those of the comparison period included. With an open
    /// start, the comparison period may begin anywhere before the period.
    ///
    /// # Errors
    /// As [`comparison_period`].
    pub fn covering_range(&self, compare: Option<CompareWith>) -> Result<Period, Problem> {
        let Some(compare) = compare else {
            return Ok(self.period);
        };
        Ok(Period {
            from: comparison_period(compare, self.period)?.from,
            to: self.period.to,
        })
    }

    /// Returns all days of which facts may be stored, up to today or the end of the period.
    pub fn retained(&self) -> Period {
        let Period { from, to } = self.period;
        let stored = Period::requested(None, None, self.today).unwrap_or(self.period);
        Period {
            from: from.min(stored.from),
            to: to.max(stored.to),
        }
    }

    /// Returns the period of the response, given the days with facts.
    pub fn trim(&self, days: impl Iterator<Item = NaiveDate>) -> Period {
        if self.is_start_open {
            trim_to_first_fact(self.period, days)
        } else {
            self.period
        }
    }
}

/// Returns the period to compare `period` with.
///
/// # Errors
/// Fails with a problem that names the parameter if the calendar has no such period.
pub fn comparison_period(compare: CompareWith, period: Period) -> Result<Period, Problem> {
    let earlier = compare.comparison_period(period);
    let earlier = earlier.and_then(|earlier| Period::new(earlier.from, earlier.to).ok());
    earlier.ok_or_else(|| Problem::invalid("compare", "there is no period to compare with"))
}

fn parse_zone(name: &str) -> Result<Tz, Problem> {
    time_zone::parse(name).map_err(|invalid| Problem::invalid("timezone", invalid.to_string()))
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ToJSON;

    use super::*;
    use crate::analytics::test_rules;

    fn resolve(
        from: Option<&str>,
        to: Option<&str>,
        zone: Option<&str>,
    ) -> Result<ReportingPeriod, String> {
        let day = |text: &str| text.parse().unwrap();
        let dates = DateRangeParams {
            from: from.map(day),
            to: to.map(day),
        };
        let now = "2026-11-23T23:30:00Z".parse().unwrap();
        let zone = zone.map_or(Ok(Tz::UTC), parse_zone);
        let resolved = zone.and_then(|zone| ReportingPeriod::of(dates, test_rules(zone), now));
        resolved.map_err(|problem| {
            let json = problem.to_json().unwrap();
            json["errors"][0]["field"].as_str().unwrap().to_owned()
        })
    }

    #[test]
    fn today_is_the_date_in_the_requested_zone() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(
            resolve(None, None, None).unwrap().period.to,
            date("2026-11-23")
        );
        let tokyo = resolve(None, None, Some("Asia/Tokyo")).unwrap();
        assert_eq!(tokyo.period.to, date("2026-11-24"));
    }

    #[test]
    fn a_problem_names_the_parameter() {
        let of = |from, to, zone| resolve(from, to, zone).unwrap_err();
        assert_eq!(of(None, None, Some("Mars/Base")), "timezone");
        assert_eq!(of(Some("2026-02-02"), Some("2026-02-01"), None), "dateFrom");
        assert_eq!(of(Some("2020-01-01"), Some("2026-02-01"), None), "dateFrom");
        assert_eq!(of(Some("0000-01-01"), None, None), "dateFrom");
    }
}
