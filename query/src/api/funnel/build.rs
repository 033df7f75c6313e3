//! Builds the funnel of an event.

use std::sync::Arc;

use analytics_shared::problem::Problem;
use chrono::{DateTime, Utc};

use super::response::{Funnel, FunnelComparison};
use crate::{
    admission::Reader,
    analytics::{
        Filter, FunnelGroups, FunnelMetrics, FunnelPeople, GroupBy, GroupScope, PageRange, RawFact,
        ScanPolicy, TicketTypeNames, TimeToConvertBuilder,
    },
    api::{
        event::{EventQuery, EventRequest, EventSnapshot},
        responses::ReportMetadata,
    },
    app::App,
    sharing::SharedResponse,
};

/// The parameters of a funnel beside those of the event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FunnelQuery {
    pub filter: Filter,
    pub group_by: Option<GroupBy>,
    /// Whether to scan raw facts.
    pub scan: ScanPolicy,
    /// Page of the groups.
    pub page: PageRange,
}

impl EventQuery for FunnelQuery {
    const RESPONSE: SharedResponse = SharedResponse::Funnel;
    type Response = Funnel;

    async fn build(
        self,
        app: Arc<App>,
        reader: Reader,
        request: EventRequest,
        now: DateTime<Utc>,
    ) -> Result<Funnel, Problem> {
        let is_scan =
            self.scan == ScanPolicy::Always || self.group_by == Some(GroupBy::UtmCampaign);
        let event = EventSnapshot::begin(&app, reader, request, is_scan).await?;
        let reporting = event.request.period.clone();
        let rows = event.rows().await?;
        let all = rows.all();
        let period = reporting.trim(all.iter().map(|row| row.day()));
        let names = TicketTypeNames::of(&all);
        let filter = self.filter.resolve(&all, &names);
        let matching = filter.apply(all.clone());
        let summaries = event.summarize(&rows, &filter, &matching);
        let cohort_rows = if event.request.is_cohort {
            Some(event.rows_of(reporting.retained()).await?)
        } else {
            None
        };
        let total = &summaries.matching.aggregates.total;
        let people = match &cohort_rows {
            Some(rows) => FunnelPeople::of_cohort(&rows.all(), &filter, reporting.period),
            None => FunnelPeople::of_total(&summaries.all.aggregates.total, &all, &filter),
        };
        let metrics = FunnelMetrics::of(total, people.reached());

        let today = reporting.today;
        let days = (period, today);
        let scope = GroupScope {
            all: &all,
            matching: &matching,
            filter: &filter,
            people: &people,
        };
        let groups = match self.group_by {
            None => FunnelGroups::default(),
            Some(by @ GroupBy::UtmCampaign) => {
                let rows = event.campaign_rows(period, filter.source.as_deref());
                let rows = rows.await?;
                let all = rows.all();
                // The rows are those of the source, which they do not name.
                let filter = filter.without_source();
                let scope = GroupScope {
                    all: &all,
                    matching: &filter.apply(all.clone()),
                    filter: &filter,
                    ..scope
                };
                FunnelGroups::of(scope, by, &names, days, self.page)
            }
            Some(by) => FunnelGroups::of(scope, by, &names, days, self.page),
        };
        let time_to_convert = if self.scan.allows(all.iter().copied()) {
            let mut builder = TimeToConvertBuilder::default();
            let add = |fact: &RawFact| {
                builder.add(fact, filter.matches(&fact.source, &fact.ticket_type));
            };
            let kinds = &TimeToConvertBuilder::KINDS;
            let (query, event_id) = (event.query(period), event.request.event.event_id);
            let scan = event.snapshot.for_each_fact(&query, event_id, kinds, add);
            scan.await?;
            Some(builder.build())
        } else {
            None
        };
        let comparison = event.comparison(period).await?;
        let comparison = comparison.map(|(period, rows)| {
            let rows = rows.all();
            let filter = self.filter.resolve(&rows, &TicketTypeNames::of(&rows));
            let people = match &cohort_rows {
                Some(rows) => FunnelPeople::of_cohort(&rows.all(), &filter, period),
                None => FunnelPeople::of(&rows, &filter),
            };
            let matching = filter.apply(rows).into_iter();
            let before = FunnelMetrics::of(&matching.collect(), people.reached());
            FunnelComparison::new(period, before, &metrics)
        });
        let metadata = ReportMetadata::new(period, reporting.zone(), event.as_of(now));
        let request = event.end().await?;
        Ok(Funnel {
            event_id: request.event.event_id,
            title: request.event.title,
            metadata,
            incomplete: today <= period.to,
            groups,
            time_to_convert,
            comparison,
            metrics,
        })
    }
}
