//! Making the report of an organization.

use analytics_shared::problem::Problem;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    super::{
        access::ReadableOrganization, asked::Asked, comparison::Comparison, paging::Page,
        parts::About,
    },
    answer::Report,
};
use crate::{
    App,
    figures::{self, Compare, KnownEvent},
    store::{OrganizationQuery, RegisteredEvent},
};

/// Makes the answer.
///
/// # Errors
/// When the database fails, or no calendar goes back to what is compared with.
pub async fn make(
    app: App,
    organization: ReadableOrganization,
    asked: Asked,
    page: Page,
    compare: Option<Compare>,
    now: DateTime<Utc>,
) -> Result<Report, Problem> {
    let tenant_id = organization.tenant_id;
    let snapshot = app.store.snapshot().await?;
    let found = snapshot
        .organization(&query(&app, tenant_id, &asked))
        .await?;
    let dates = found.events.iter().flat_map(|event| event.dates());
    let period = asked.period_of(dates);
    let known = known(&organization.events);
    let today = asked.today();
    let report = figures::Report::of(&found.events, &found.summary, period, &known, today);
    let mut changed_at = found.changed_at;
    let comparison = match compare {
        None => None,
        Some(compare) => {
            let earlier = asked.earlier(compare, period)?;
            let found = snapshot
                .organization(&query(&app, tenant_id, &earlier))
                .await?;
            changed_at = changed_at.max(found.changed_at);
            let totals = found.summary.totals();
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

fn query(app: &App, tenant_id: Uuid, asked: &Asked) -> OrganizationQuery {
    OrganizationQuery {
        tenant_id,
        period: asked.period,
        zone: asked.zone(),
        rules: asked.clock.rules(),
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
