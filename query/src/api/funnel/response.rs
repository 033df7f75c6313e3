//! The registration funnel of an event, as it is answered.

use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use super::{
    super::{example, parts::About},
    comparison::FunnelComparison,
    group::FunnelGroup,
    steps::FunnelFigures,
    times::Times,
};
use crate::figures::{self, Compare, EventSummary, GroupBy, Journeys, Names, Tally, funnel_groups};

/// The registration funnel of one event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Funnel {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `null` if it was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// The period.
    #[oai(flatten)]
    pub about: About,
    /// The event as a whole.
    #[oai(flatten)]
    pub figures: FunnelFigures,
    /// Whether the period is not over yet: who is not at a later step may still come to it.
    pub incomplete: bool,
    /// The funnel of each group that `groupBy` names: days in order, others by page views, most first; `null`
    /// without it.
    #[oai(nullable)]
    pub groups: Option<Vec<FunnelGroup>>,
    /// How long people take; `null` where too many facts would have to be looked at (see `details`).
    #[oai(nullable)]
    pub times: Option<Times>,
    /// The earlier period that `compare` names; `null` without it.
    #[oai(nullable)]
    pub comparison: Option<FunnelComparison>,
}

impl Example for Funnel {
    fn example() -> Self {
        let rows = example::rows();
        let rows: Vec<_> = rows.iter().collect();
        let period = example::period();
        let funnel = figures::Funnel::of(&EventSummary::of_rows(example::EVENT, &rows));
        let before = figures::Funnel::from(&Tally::default());
        let earlier = Compare::Previous.earlier(period).unwrap_or(period);
        let groups = funnel_groups(&rows, GroupBy::Source, &Names::of(&rows), period).into_iter();
        let groups =
            groups.map(|(group, funnel)| FunnelGroup::new(group, funnel, period, |_| false));
        let mut journeys = Journeys::default();
        for moment in example::moments() {
            journeys.add(&moment, true);
        }
        Self {
            event_id: example::EVENT,
            title: Some(example::TITLE.to_owned()),
            about: example::about(),
            incomplete: false,
            groups: Some(groups.collect()),
            times: Some(journeys.times().into()),
            comparison: Some(FunnelComparison::new(earlier, before, &funnel)),
            figures: funnel.into(),
        }
    }
}
