//! Making the funnel of an event.

use analytics_shared::problem::Problem;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    super::{access::ReadableEvent, asked::Asked, event_reading::EventReading, parts::About},
    answer::Funnel,
    comparison::FunnelComparison,
    group::FunnelGroup,
    steps::FunnelFigures,
    times::Times,
};
use crate::{
    App,
    figures::{
        self, Compare, Details, Filter, GroupBy, Journeys, Moment, Names, Tally, funnel_groups,
    },
};

/// What is wanted beside the period.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunnelQuery {
    /// Which facts count.
    pub filter: Filter,
    /// By what they are told apart.
    pub group_by: Option<GroupBy>,
    /// What the period is compared with.
    pub compare: Option<Compare>,
    /// Whether facts are looked at one by one.
    pub details: Details,
}

/// Makes the answer.
///
/// # Errors
/// When the database fails, or no calendar goes back to what is compared with.
pub async fn make(
    app: App,
    event: ReadableEvent,
    asked: Asked,
    wanted: FunnelQuery,
    now: DateTime<Utc>,
) -> Result<Funnel, Problem> {
    let is_long = wanted.details == Details::Always;
    let reading = EventReading::begin(&app, &event, &asked, wanted.compare, is_long).await?;
    let found = reading.rows().await?;
    let all = found.all();
    let period = asked.period_of(all.iter().map(|row| row.day));
    let names = Names::of(&all);
    let keys = wanted.filter.keys(&all, &names);
    let counting = keys.of(all.clone());
    let summary = reading.summary(&found, &keys, &counting);
    let funnel = figures::Funnel::of(&summary);

    let groups = wanted.group_by.map(|by| {
        let groups = funnel_groups(&counting, by, &names, period).into_iter();
        let is_open = |day: NaiveDate| asked.today <= day;
        let group = |(group, funnel)| FunnelGroup::new(group, funnel, period, is_open);
        groups.map(group).collect()
    });
    let times = if wanted.details.include(all.iter().copied()) {
        let mut journeys = Journeys::default();
        let take = |moment: &Moment| {
            journeys.add(moment, keys.take(&moment.source, &moment.ticket_type));
        };
        let (snapshot, read) = (&reading.snapshot, reading.of(period));
        snapshot.each_moment(&read, &Journeys::KINDS, take).await?;
        Some(Times::from(journeys.times()))
    } else {
        None
    };
    let comparison = match wanted.compare {
        None => None,
        Some(compare) => {
            let (earlier, rows) = reading.earlier(compare, period).await?;
            let rows = wanted.filter.of(rows.all());
            let before = figures::Funnel::from(&rows.into_iter().collect::<Tally>());
            Some(FunnelComparison::new(earlier, before, &funnel))
        }
    };
    let about = About::new(period, asked.zone(), reading.as_of(now));
    reading.end().await?;
    Ok(Funnel {
        event_id: event.event_id,
        title: event.title,
        about,
        figures: FunnelFigures::from(funnel),
        incomplete: asked.today <= period.to,
        groups,
        times,
        comparison,
    })
}
