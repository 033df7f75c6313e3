//! Making the dashboard of an event.

use analytics_shared::problem::Problem;
use chrono::{DateTime, Utc};

use super::{
    super::{access::ReadableEvent, asked::Asked, comparison::Comparison, parts::About},
    answer::{Dashboard, More},
    details::Looking,
};
use crate::{
    App,
    figures::{self, Compare, Details, Filter, Granularity, Names, Tally, Totals},
    store::EventRead,
};

/// What is wanted beside the period.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which facts count.
    pub filter: Filter,
    /// How the period is divided.
    pub granularity: Option<Granularity>,
    /// What it is compared with.
    pub compare: Option<Compare>,
    /// Whether facts are looked at one by one.
    pub details: Details,
}

impl Wanted {
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
    wanted: Wanted,
    now: DateTime<Utc>,
) -> Result<Dashboard, Problem> {
    let read = event.read(&asked);
    let may_be_long =
        wanted.details == Details::Always || wanted.goes_by_hours() || read.is_of_facts();
    let _turn = if may_be_long {
        Some(app.store.turn_to_look().await?)
    } else {
        None
    };
    let snapshot = app.store.snapshot().await?;
    let reach = asked.reach(wanted.compare)?;
    let versions = snapshot
        .event_versions(event.tenant_id, event.event_id, reach)
        .await?;
    let found = snapshot.event_rows(&read, &versions).await?;
    let all = found.all();
    let period = asked.period_of(all.iter().map(|row| row.day));
    let names = Names::of(&all);
    let keys = wanted.filter.keys(&all, &names);
    let counting = keys.of(all.clone());
    let dashboard = figures::Dashboard::fold(&counting, &names, period);

    let looking = Looking {
        snapshot: &snapshot,
        read: EventRead { period, ..read },
        keys: &keys,
        clock: &asked.clock,
        details: wanted.details,
    };
    let hours = looking.hours(&found, wanted.goes_by_hours()).await?;
    let event_day = event.day(&asked.clock);
    let day = figures::day_of_check_ins(&dashboard.by_day, event_day);
    let series = match wanted.granularity {
        None => None,
        Some(Granularity::Hour) => hours.series.map(|hours| hours.stretches(now)),
        Some(Granularity::Days(span)) => {
            let (clock, today) = (&asked.clock, asked.today);
            Some(figures::series(&counting, period, span, clock, today))
        }
    };
    let comparison = match wanted.compare {
        None => None,
        Some(compare) => {
            let earlier = asked.earlier(compare, period)?;
            let rows = snapshot
                .event_rows(&event.read(&earlier), &versions)
                .await?;
            let rows = wanted.filter.of(rows.all());
            let totals = Totals::from(&rows.into_iter().collect::<Tally>());
            Some(Comparison::new(earlier.period, totals, &dashboard.totals))
        }
    };
    let more = More {
        ends: looking.ends(&all, &counting).await?,
        by_hour: hours.week,
        curve: looking.curve(&all, day).await?,
        series,
        comparison,
    };
    snapshot.end().await?;
    let about = About::new(period, asked.zone(), versions.changed_at().unwrap_or(now));
    Ok(Dashboard::new(
        event,
        (about, &asked.clock),
        dashboard,
        more,
    ))
}
