//! `GET /events/{eventId}/dashboard`

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
    access::{self, ReadableEvent},
    answer::{self, Answered},
    asked::{Asked, Days},
    comparison::Comparison,
    example,
    parts::{self, About, DayFigures, SourceFigures, Stretch},
    refine::{self, CompareName, GranularityName},
    refusals::Reading,
    types::{Day, EventId, Sent, Zone},
};
use crate::{
    App,
    figures::{self, Compare, Filter, Granularity, Span, Tally, Totals},
};

/// The endpoint.
pub struct DashboardApi;

/// The dashboard of one event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase", example)]
pub struct Dashboard {
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
    pub totals: parts::Totals,
    /// Every day of the period, in order, also those without facts.
    pub by_day: Vec<DayFigures>,
    /// Ticket types, most registrations first.
    pub by_ticket_type: Vec<TicketTypeFigures>,
    /// Traffic sources, most views first.
    pub by_source: Vec<SourceFigures>,
    /// Ticket types of each source, in the order of the sources' names.
    pub by_source_and_ticket_type: Vec<SourceTicketTypeFigures>,
    /// The period divided as `granularity` says; `null` without it.
    #[oai(nullable)]
    pub series: Option<Vec<Stretch>>,
    /// The earlier period that `compare` names; `null` without it.
    #[oai(nullable)]
    pub comparison: Option<Comparison>,
}

/// One ticket type.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketTypeFigures {
    /// Its id; `null` where no fact told it.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Its latest name; `null` where no fact told it. Both are `null` for facts without any ticket
    /// type.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// One ticket type of one traffic source.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SourceTicketTypeFigures {
    /// The source.
    pub source: String,
    /// The ticket type.
    #[oai(flatten)]
    pub figures: TicketTypeFigures,
}

#[OpenApi(prefix_path = PREFIX, tag = "Tag::Figures")]
impl DashboardApi {
    /// Dashboard of an event
    ///
    /// The seven metrics over the period, and the same by day, ticket type and traffic source.
    #[oai(
        path = "/events/:eventId/dashboard",
        method = "get",
        operation_id = "getDashboard"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are the parameters of the request"
    )]
    async fn dashboard(
        &self,
        app: Data<&App>,
        caller: BearerToken,
        /// The ticketing event.
        #[oai(name = "eventId")]
        event_id: Path<Sent<EventId>>,
        /// The first day; without it, the first day with facts in the year before `dateTo`.
        #[oai(name = "dateFrom")]
        date_from: Query<Option<Sent<Day>>>,
        /// The last day; without it, today.
        #[oai(name = "dateTo")]
        date_to: Query<Option<Sent<Day>>>,
        /// IANA zone that days are counted in; without it, the event's own.
        timezone: Query<Option<Sent<Zone>>>,
        /// Only facts of this traffic source.
        source: Query<Option<String>>,
        /// Only facts of this ticket type, by its id or its name. Views and begun registrations
        /// mostly name none.
        #[oai(name = "ticketType")]
        ticket_type: Query<Option<String>>,
        /// Divides the period into `series`.
        granularity: Query<Option<Sent<GranularityName>>>,
        /// Compares with as many days directly before (`previous`), or with the same days of the
        /// year before (`year`).
        compare: Query<Option<Sent<CompareName>>>,
        /// The `ETag` of an answer that the caller has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Answered<Dashboard>, Refused<Reading>> {
        let days = Days::sent(date_from.0.as_ref(), date_to.0.as_ref())?;
        let event = access::event(&app, &caller.0, event_id.id()?).await?;
        let now = clock::now();
        let asked = Asked::read(days, timezone.0.as_deref(), event.zone, now)?;
        let wanted = Wanted {
            filter: Filter {
                source: source.0,
                ticket_type: ticket_type.0,
            },
            granularity: refine::granularity(granularity.0.as_ref())?,
            compare: refine::compare(compare.0.as_ref())?,
        };
        let versions = app
            .store
            .event_versions(
                event.tenant_id,
                event.event_id,
                asked.reach(wanted.compare)?,
            )
            .await?;
        let question = format!("dashboard {event:?} {asked:?} {wanted:?}");
        let state = versions.state();
        let making = make(App::clone(&app), event, asked, wanted, now);
        let answer = app.answers.get(question, state, making).await?;
        Ok(answer::answered(&answer, if_none_match.0.as_deref()))
    }
}

/// What is wanted beside the period.
#[derive(Clone, Debug)]
struct Wanted {
    filter: Filter,
    granularity: Option<Granularity>,
    compare: Option<Compare>,
}

async fn make(
    app: App,
    event: ReadableEvent,
    asked: Asked,
    wanted: Wanted,
    now: DateTime<Utc>,
) -> Result<Dashboard, Problem> {
    let snapshot = app.store.snapshot().await?;
    let reach = asked.reach(wanted.compare)?;
    let versions = snapshot
        .event_versions(event.tenant_id, event.event_id, reach)
        .await?;
    let rows = snapshot.event_rows(&event.read(&asked), &versions).await?;
    let rows = rows.all();
    let period = asked.period_of(rows.iter().map(|row| row.day));
    let rows = wanted.filter.of(rows);
    let about = About::new(period, asked.zone, versions.changed_at().unwrap_or(now));
    let dashboard = figures::Dashboard::fold(&rows, period);
    let series = |granularity| match granularity {
        Granularity::Days(span) => figures::series(&rows, period, span, asked.zone, asked.today),
        Granularity::Hour => Vec::new(),
    };
    let series = wanted.granularity.map(series).map(parts::all);
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
    snapshot.end().await?;
    let answer = Dashboard::new(event.event_id, event.title, about, dashboard);
    Ok(Dashboard {
        series,
        comparison,
        ..answer
    })
}

impl Dashboard {
    fn new(
        event_id: Uuid,
        title: Option<String>,
        about: About,
        dashboard: figures::Dashboard,
    ) -> Self {
        Self {
            event_id,
            title,
            about,
            totals: dashboard.totals.into(),
            by_day: parts::all(dashboard.by_day),
            by_ticket_type: parts::all(dashboard.by_ticket_type),
            by_source: parts::all(dashboard.by_source),
            by_source_and_ticket_type: parts::all(dashboard.by_source_and_ticket_type),
            series: None,
            comparison: None,
        }
    }
}

impl Example for Dashboard {
    fn example() -> Self {
        let rows = example::rows();
        let rows: Vec<_> = rows.iter().collect();
        let (period, week) = (example::period(), Span::Week);
        let dashboard = figures::Dashboard::fold(&rows, period);
        let title = example::TITLE.to_owned();
        let series = figures::series(&rows, period, week, example::ZONE, period.to);
        let comparison = Comparison::new(
            Compare::Previous.earlier(period).unwrap_or(period),
            Totals::from(&Tally::default()),
            &dashboard.totals,
        );
        Self {
            series: Some(parts::all(series)),
            comparison: Some(comparison),
            ..Self::new(example::EVENT, Some(title), example::about(), dashboard)
        }
    }
}

impl From<figures::TicketTypeFigures> for TicketTypeFigures {
    fn from(one: figures::TicketTypeFigures) -> Self {
        Self {
            ticket_type_id: one.ticket_type_id,
            ticket_type_name: one.ticket_type_name,
            registrations: one.registrations,
            cancellations: one.cancellations,
            check_ins: one.check_ins,
        }
    }
}

impl From<figures::SourceTicketTypeFigures> for SourceTicketTypeFigures {
    fn from(one: figures::SourceTicketTypeFigures) -> Self {
        Self {
            source: one.source,
            figures: one.figures.into(),
        }
    }
}
