//! The response of a funnel.

use analytics_shared::period::Period;
use poem_openapi::{Object, types::Example};
use uuid::Uuid;

use crate::{
    analytics::{
        Aggregate, CompareWith, FunnelChange, FunnelGroups, FunnelMetrics, FunnelPeople, GroupBy,
        GroupScope, ResolvedFilter, TicketTypeNames, TimeToConvert, TimeToConvertBuilder,
    },
    api::{
        params::GroupPageSize,
        responses::{DateRange, ReportMetadata, examples},
    },
};

/// The registration funnel of an event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Funnel {
    /// Event id.
    pub event_id: Uuid,
    /// Title; `null` if the event was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// Period and time zone.
    #[oai(flatten)]
    pub metadata: ReportMetadata,
    /// Funnel of the period.
    #[oai(flatten)]
    pub metrics: FunnelMetrics,
    /// Whether the period is not over yet, so that later steps may still follow.
    pub incomplete: bool,
    /// The funnel by group.
    #[oai(flatten)]
    pub groups: FunnelGroups,
    /// Time between the steps; `null` if too many facts would have to be scanned (see `details`).
    #[oai(nullable)]
    pub time_to_convert: Option<TimeToConvert>,
    /// Comparison period; `null` without `compare`.
    #[oai(nullable)]
    pub comparison: Option<FunnelComparison>,
}

/// The comparison period and the change since.
#[derive(Clone, Debug, Object)]
pub struct FunnelComparison {
    /// The comparison period.
    #[oai(flatten)]
    pub period: DateRange,
    /// Funnel of the comparison period.
    #[oai(flatten)]
    pub metrics: FunnelMetrics,
    /// Change of each metric since the comparison period.
    pub change: FunnelChange,
}

impl FunnelComparison {
    /// Compares `now` with the funnel `before` of `period`.
    pub fn new(period: Period, before: FunnelMetrics, now: &FunnelMetrics) -> Self {
        Self {
            period: period.into(),
            change: FunnelChange::of(&before, now),
            metrics: before,
        }
    }
}

impl Example for Funnel {
    fn example() -> Self {
        let rows = examples::rows();
        let rows = rows.all();
        let period = examples::period();
        let filter = ResolvedFilter::default();
        let people = FunnelPeople::of(&rows, &filter);
        let metrics = FunnelMetrics::of(&rows.iter().copied().collect(), people.reached());
        let before = FunnelMetrics::of(&Aggregate::default(), [0; 4]);
        let earlier = CompareWith::Previous.comparison_period(period);
        // The day after the period.
        let today = period.to.succ_opt().unwrap_or_default();
        let names = TicketTypeNames::of(&rows);
        let mut time_to_convert = TimeToConvertBuilder::default();
        for fact in examples::raw_facts() {
            time_to_convert.add(&fact, true);
        }
        Self {
            event_id: examples::EVENT,
            title: Some(examples::TITLE.to_owned()),
            metadata: examples::metadata(),
            incomplete: false,
            groups: FunnelGroups::of(
                GroupScope {
                    all: &rows,
                    matching: &rows,
                    filter: &filter,
                    people: &people,
                },
                GroupBy::Source,
                &names,
                (period, today),
                GroupPageSize::DEFAULT_PAGE,
            ),
            time_to_convert: Some(time_to_convert.build()),
            comparison: earlier.map(|earlier| FunnelComparison::new(earlier, before, &metrics)),
            metrics,
        }
    }
}
