//! Making the dashboard of an event.

use analytics_shared::problem::Problem;
use chrono::{DateTime, Utc};

use super::{
    super::{
        access::ReadableEvent, asked::Asked, comparison::Comparison, event_reading::EventReading,
        parts::About,
    },
    answer::{Dashboard, More},
    details::Looking,
};
use crate::{
    App,
    figures::{self, Compare, Details, Filter, Granularity, Names, Tally, Totals},
};

/// What is wanted beside the period.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DashboardQuery {
    /// Which facts count.
    pub filter: Filter,
    /// How the period is divided.
    pub granularity: Option<Granularity>,
    /// What it is compared with.
    pub compare: Option<Compare>,
    /// Whether facts are looked at one by one.
    pub details: Details,
}

impl DashboardQuery {
    /// Whether the period is divided into hours.
    pub fn goes_by_hours(&self) -> bool {
        self.granularity == Some(Granularity::Hour)
    }
}

/// Makes the answer.
///
/// # Errors
/// When the database fails, or more is asked for than can be answered: a problem that names the parameter.
pub async fn make(
    app: App,
    event: ReadableEvent,
    asked: Asked,
    wanted: DashboardQuery,
    now: DateTime<Utc>,
) -> Result<Dashboard, Problem> {
    let is_long = wanted.goes_by_hours() || wanted.details == Details::Always;
    let reading = EventReading::begin(&app, &event, &asked, wanted.compare, is_long).await?;
    let found = reading.rows().await?;
    let all = found.all();
    let period = asked.period_of(all.iter().map(|row| row.day));
    let names = Names::of(&all);
    let keys = wanted.filter.keys(&all, &names);
    let counting = keys.of(all.clone());
    let summary = reading.summary(&found, &keys, &counting);
    let dashboard = figures::Dashboard::of(&summary, &counting, &names, period);

    let looking = Looking {
        snapshot: &reading.snapshot,
        read: reading.of(period),
        keys: &keys,
        clock: &asked.clock,
        details: wanted.details,
    };
    let event_day = event.day(&asked.clock);
    let day = figures::day_of_check_ins(&dashboard.by_day, event_day);
    let series = match wanted.granularity {
        None => None,
        Some(Granularity::Hour) => Some(looking.hour_series().await?.stretches(now)),
        Some(Granularity::Days(span)) => {
            let (clock, today) = (&asked.clock, asked.today);
            Some(figures::series(&counting, period, span, clock, today))
        }
    };
    let comparison = match wanted.compare {
        None => None,
        Some(compare) => {
            let (earlier, rows) = reading.earlier(compare, period).await?;
            let rows = wanted.filter.of(rows.all());
            let totals = Totals::from(&rows.into_iter().collect::<Tally>());
            Some(Comparison::new(earlier, totals, &dashboard.totals))
        }
    };
    let more = More {
        ends: looking.ends(&all, &counting).await?,
        by_hour: figures::Week::of(&counting),
        curve: looking.curve(&all, day).await?,
        series,
        comparison,
    };
    let about = About::new(period, asked.zone(), reading.as_of(now));
    reading.end().await?;
    Ok(Dashboard::new(
        event,
        (about, &asked.clock),
        dashboard,
        more,
    ))
}
