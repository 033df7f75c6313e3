//! `GET /organizations/{orgId}/report`

use std::sync::Arc;

use analytics_shared::{
    auth::BearerToken,
    clock,
    problem::{Problem, Refused},
};
use chrono::{DateTime, Utc};
use poem::web::Data;
use poem_openapi::{
    Object, OpenApi,
    param::{Header, Path, Query},
    types::Example,
};
use uuid::Uuid;

use super::{
    PREFIX, Tag,
    access::{self, ReadableOrganization},
    answer::{self, Answered},
    asked::{Asked, Days},
    comparison::Comparison,
    example,
    paging::{Order, Page, PageNumber, PageSize},
    parts::{self, About, DayFigures, SourceFigures, Totals},
    refine::{self, CompareName},
    refusals::Reading,
    types::{Day, OrgId, Sent, Zone},
};
use crate::{
    App,
    figures::{self, Compare, EventFold, KnownEvent, Piece, Today, UnitedDays},
    store::{FoldsRead, RegisteredEvent},
};

/// The endpoint.
pub struct ReportApi;

/// The report of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Report {
    /// The organization.
    pub organization_id: Uuid,
    /// The period.
    #[oai(flatten)]
    pub about: About,
    /// All events together.
    pub totals: ReportTotals,
    /// One page of the organization's events: all that were published, and others with facts in
    /// the period.
    pub events: Vec<EventFigures>,
    /// Which page this is, from 0.
    pub page: u32,
    /// How many events a page has.
    pub size: u32,
    /// How many events there are on all pages.
    pub total_elements: u64,
    /// All events together, for every day of the period.
    pub by_day: Vec<DayFigures>,
    /// Traffic sources of all events, most views first.
    pub by_source: Vec<SourceFigures>,
    /// The earlier period that `compare` names, for all events together; `null` without it.
    #[oai(nullable)]
    pub comparison: Option<Comparison>,
}

/// All events of an organization together.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ReportTotals {
    /// What is told of each event too.
    #[oai(flatten)]
    pub totals: Totals,
    /// The sum of the events' `noShows`, of those of which it is known; `null` if of none.
    #[oai(nullable)]
    pub no_shows: Option<u64>,
    /// Distinct visitors who checked in at any of the events; who came to two counts once.
    pub attendees: u64,
    /// Those of them who checked in at two or more of the events.
    pub returning_attendees: u64,
}

/// One event of an organization.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct EventFigures {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `null` if it was never published.
    #[oai(nullable)]
    pub title: Option<String>,
    /// When it begins; `null` if that is not known.
    #[oai(nullable)]
    pub starts_at: Option<DateTime<Utc>>,
    /// The event as a whole.
    #[oai(flatten)]
    pub totals: Totals,
    /// `confirmedRegistrations` less `checkedIn`, and not below 0; `null` until the day on which the
    /// event begins is over in `timezone`, or if that day is not known.
    #[oai(nullable)]
    pub no_shows: Option<u64>,
}

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl ReportApi {
    /// Report of an organization
    ///
    /// Totals over all events of the organization, the events themselves (sorted and paged), and
    /// the totals by day.
    #[oai(
        path = "/organizations/:orgId/report",
        method = "get",
        operation_id = "getReport"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parameters of the request"
    )]
    async fn report(
        &self,
        app: Data<&App>,
        caller: BearerToken,
        /// The organization.
        #[oai(name = "orgId")]
        org_id: Path<Sent<OrgId>>,
        /// The first day; without it, the first day with facts in the year before `dateTo`.
        #[oai(name = "dateFrom")]
        date_from: Query<Option<Sent<Day>>>,
        /// The last day; without it, today.
        #[oai(name = "dateTo")]
        date_to: Query<Option<Sent<Day>>>,
        /// IANA zone that days are counted in; without it, the zone that all events of the
        /// organization share, else the service's default.
        timezone: Query<Option<Sent<Zone>>>,
        /// Page of `events`, from 0.
        page: Query<Option<Sent<PageNumber>>>,
        /// Events on a page.
        size: Query<Option<Sent<PageSize>>>,
        /// Order of `events`: a metric, `cancellations`, `cancellationRate`, `noShows`, `title` or
        /// `startsAt`, or the sum of the payments in a currency, like `revenue.EUR`; then `asc`
        /// (which need not be said) or `desc`. What is `null`, or has neither payments nor refunds in
        /// the currency, comes last.
        sort: Query<Option<Sent<Order>>>,
        /// Compares the totals with as many days directly before (`previous`), or with the same days
        /// of the year before (`year`).
        compare: Query<Option<Sent<CompareName>>>,
        /// The `ETag` of an answer that the caller has.
        #[oai(name = "If-None-Match", example = "example::parameter::tag")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Answered<Report>, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let page = Page::read(page.0.as_ref(), size.0.as_ref(), sort.0.as_ref())?;
        let organization = access::organization(&app, &caller.0, org_id.id()?).await?;
        let now = clock::now();
        let timezone = timezone.0.as_deref();
        let asked = Asked::read(&app.store, days, timezone, organization.zone, now).await?;
        let tenant_id = organization.tenant_id;
        let compare = refine::compare(compare.0.as_ref())?;
        let reach = asked.reach(compare)?;
        let versions = app
            .store
            .tenant_versions(tenant_id, reach, app.default_zone)
            .await?;
        let question = format!("report {organization:?} {asked:?} {page:?} {compare:?}");
        let making = make(App::clone(&app), organization, asked, page, compare, now);
        let answer = app.answers.get(question, versions.state(), making).await?;
        Ok(answer::answered(&answer, if_none_match.0.as_deref()))
    }
}

async fn make(
    app: App,
    organization: ReadableOrganization,
    asked: Asked,
    page: Page,
    compare: Option<Compare>,
    now: DateTime<Utc>,
) -> Result<Report, Problem> {
    let tenant_id = organization.tenant_id;
    let snapshot = app.store.snapshot().await?;
    let wanted = read(&app, tenant_id, &asked);
    let folded = snapshot.event_folds(&wanted).await?;
    let united = snapshot.united_days(&wanted, &folded.events);
    let days = folded.events.iter().flat_map(|fold| fold.days());
    let period = asked.period_of(days);
    let known = known(&organization.events);
    let report = figures::Report::of(&folded.events, &united, period, &known, asked.today());
    let mut changed_at = folded.changed_at;
    let comparison = match compare {
        None => None,
        Some(compare) => {
            let earlier = asked.earlier(compare, period)?;
            let folded = snapshot
                .event_folds(&read(&app, tenant_id, &earlier))
                .await?;
            changed_at = changed_at.max(folded.changed_at);
            let totals = figures::together(&folded.events);
            Some(Comparison::new(earlier.period, totals, &report.totals))
        }
    };
    snapshot.end().await?;
    let about = About::new(period, asked.zone(), changed_at.unwrap_or(now));
    let answer = Report::new(tenant_id, about, report, page);
    Ok(Report {
        comparison,
        ..answer
    })
}

impl Report {
    fn new(organization_id: Uuid, about: About, report: figures::Report, page: Page) -> Self {
        let total_elements = report.events.len() as u64;
        let events = figures::page_of(report.events, page.sort, page.number, page.size as usize);
        Self {
            organization_id,
            about,
            totals: ReportTotals {
                totals: report.totals.into(),
                no_shows: report.no_shows,
                attendees: report.attendance.attendees,
                returning_attendees: report.attendance.returning,
            },
            events: parts::all(events),
            page: page.number,
            size: page.size,
            total_elements,
            by_day: parts::all(report.by_day),
            by_source: parts::all(report.by_source),
            comparison: None,
        }
    }
}

impl Example for Report {
    fn example() -> Self {
        let known = KnownEvent {
            event_id: example::EVENT,
            title: example::TITLE.to_owned(),
            starts_at: Some(example::time()),
        };
        let fold = EventFold::of(example::EVENT, &Piece::of(example::rows()).into());
        // The event takes place on the last day, and this is the day after.
        let today = Today {
            date: example::period().to.succ_opt().unwrap_or_default(),
            clock: &example::clock(),
        };
        let folds = [Arc::new(fold)];
        let days = UnitedDays::of(&folds, &UnitedDays::default());
        let report = figures::Report::of(&folds, &days, example::period(), &[known], today);
        Self::new(example::ORGANIZATION, example::about(), report, Page::FIRST)
    }
}

fn read(app: &App, tenant_id: Uuid, asked: &Asked) -> FoldsRead {
    FoldsRead {
        tenant_id,
        period: asked.period,
        zone: asked.zone(),
        default_zone: app.default_zone,
    }
}

fn known(events: &[RegisteredEvent]) -> Vec<KnownEvent> {
    let known = events.iter().map(|event| KnownEvent {
        event_id: event.event_id,
        title: event.title.clone(),
        starts_at: event.starts_at,
    });
    known.collect()
}

impl From<figures::EventFigures> for EventFigures {
    fn from(event: figures::EventFigures) -> Self {
        Self {
            event_id: event.event_id,
            title: event.title,
            starts_at: event.starts_at,
            totals: event.totals.into(),
            no_shows: event.no_shows,
        }
    }
}
