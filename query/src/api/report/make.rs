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
    store::{FoldsRead, RegisteredEvent},
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

fn read(app: &App, tenant_id: Uuid, asked: &Asked) -> FoldsRead {
    FoldsRead {
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
