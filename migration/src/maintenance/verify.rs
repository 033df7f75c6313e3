//! `analytics-migration verify`: compares the rollup with the facts.

use anyhow::Context;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, raw_sql};
use uuid::Uuid;

use super::{
    events::{Event, Scope, events},
    progress::Progress,
    session::Session,
    table,
};
use crate::compatibility;

const VERIFY: &str = include_str!("verify.sql");
/// The maximum number of printed differences.
const MAX_PRINTED: usize = 200;
/// A figure that is missing on one side.
const MISSING: &str = "—";
/// The columns of [`Difference::row`].
const HEADER: [&str; 9] = [
    "tenant",
    "event",
    "day",
    "type",
    "source",
    "ticket type",
    "figure",
    "rollup",
    "facts",
];

/// A difference between rollup and facts.
#[derive(FromQueryResult)]
struct Difference {
    day: NaiveDate,
    event_type: String,
    source: String,
    ticket_type: String,
    figure: String,
    rollup: Option<String>,
    facts: Option<String>,
}

/// Compares the events in `scope`, prints the differences, and returns whether there are none.
///
/// # Errors
/// When the visitor hash has changed, or an event could not be compared.
pub async fn verify(session: &Session, scope: Scope) -> anyhow::Result<bool> {
    compatibility::ensure_visitor_hash(&session.database).await?;
    let events = events(&session.database, scope)
        .await
        .context("cannot list the events")?;
    let mut progress = Progress::new(events.len());
    let mut differences = Vec::new();
    for event in &events {
        for &tenant_id in &event.tenants {
            let found = compare(session, event, tenant_id)
                .await
                .with_context(|| format!("cannot compare event {}", event.event_id))?;
            let rows = found
                .into_iter()
                .map(|found| found.row(tenant_id, event.event_id));
            differences.extend(rows);
        }
        progress.increment();
    }
    progress.finish();
    print(events.len(), &differences);
    Ok(differences.is_empty())
}

/// Compares an event of a tenant in one snapshot: facts and rollup are written by one statement, so that they
/// agree in every snapshot, also while ingest writes. The rollup of an event that waits for a rebuild in a
/// new time zone is not used by readers, and not compared.
async fn compare(
    session: &Session,
    event: &Event,
    tenant_id: Uuid,
) -> Result<Vec<Difference>, DbErr> {
    let snapshot = session
        .database
        .begin_with("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .await?;
    let found = if event.is_pending(&snapshot).await? {
        tracing::warn!(event = %event.event_id, "not compared: a rebuild in a new time zone is pending");
        Vec::new()
    } else {
        snapshot
            .execute_raw(raw_sql!(Postgres, r"SELECT set_tenant({tenant_id})"))
            .await?;
        let values = [
            tenant_id.into(),
            event.event_id.into(),
            session.default_timezone.into(),
        ];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, VERIFY, values);
        Difference::find_by_statement(statement)
            .all(&snapshot)
            .await?
    };
    snapshot.commit().await?;
    Ok(found)
}

impl Difference {
    /// The row of the table.
    fn row(self, tenant_id: Uuid, event_id: Uuid) -> [String; 9] {
        let side = |value: Option<String>| value.unwrap_or_else(|| MISSING.to_owned());
        [
            tenant_id.to_string(),
            event_id.to_string(),
            self.day.to_string(),
            self.event_type,
            self.source,
            self.ticket_type,
            self.figure,
            side(self.rollup),
            side(self.facts),
        ]
    }
}

fn print(events: usize, differences: &[[String; 9]]) {
    if differences.is_empty() {
        table::line(&format!("{events} events: rollup and facts agree"));
        return;
    }
    table::print(HEADER, 2, differences.iter().take(MAX_PRINTED).cloned());
    if differences.len() > MAX_PRINTED {
        table::line(&format!("… and {} more", differences.len() - MAX_PRINTED));
    }
    table::line(&format!(
        "differences: {} in {events} events; run `analytics-migration rebuild` to rebuild the rollup",
        differences.len()
    ));
}
