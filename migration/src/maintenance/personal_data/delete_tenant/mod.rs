//! `analytics-migration delete-tenant`: deletes everything that is stored of a tenant.
//!
//! Each transaction is bounded, by one day of one event or a number of rows, so that an interrupted run can be
//! repeated and the service goes on meanwhile. Rollup and facts of a day are deleted together. What was stored
//! meanwhile is deleted by event, after the registry entries that determine the days.

mod stored;

use analytics_shared::database::advisory_lock::lock_event;
use anyhow::{Context, ensure};
use chrono::NaiveDate;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement, Value,
    raw_sql,
};
use uuid::Uuid;

use crate::maintenance::{
    events::{Scope, events},
    progress::Progress,
    session::Session,
    table,
};
use stored::Stored;

const DAYS: &str = include_str!("days.sql");
const DELETE_FACTS: &str = include_str!("delete_facts.sql");
const DELETE_VERSIONS: &str = include_str!("delete_versions.sql");
const DELETE_LEDGER: &str = include_str!("delete_ledger.sql");
/// The maximum number of ledger rows per transaction.
const MAX_LEDGER_ROWS: u64 = 20_000;

#[derive(FromQueryResult)]
struct FactDay {
    day: NaiveDate,
}

/// Deletes everything of a tenant if the deletion `is_confirmed`; else only prints what is stored.
///
/// # Errors
/// When nothing is stored of the tenant, the deletion is not confirmed, or a statement fails: then the
/// command can be repeated.
pub async fn delete_tenant(
    session: &Session,
    tenant_id: Uuid,
    is_confirmed: bool,
) -> anyhow::Result<()> {
    let stored = Stored::count(session, tenant_id).await;
    let stored = stored.context("cannot count what is stored of the tenant")?;
    ensure!(
        !stored.is_empty(),
        "nothing is stored of tenant {tenant_id}; nothing has changed"
    );
    stored.print();
    ensure!(
        is_confirmed,
        "nothing is deleted yet: confirm with --yes, which cannot be undone"
    );
    delete(session, tenant_id)
        .await
        .context("the tenant is not deleted entirely: run the command again")?;
    let remaining = Stored::count(session, tenant_id).await;
    let remaining =
        remaining.context("the tenant is deleted, but not what was stored meanwhile")?;
    if remaining.is_empty() {
        table::line(&format!("tenant {tenant_id} is deleted"));
    } else {
        remaining.print();
        table::line(
            "this was stored meanwhile: run the command again when nothing is sent any more",
        );
    }
    Ok(())
}

async fn delete(session: &Session, tenant_id: Uuid) -> Result<(), DbErr> {
    let database = &session.database;
    database
        .execute_raw(raw_sql!(
            Postgres,
            r"SELECT drop_bi_user(login) FROM bi_users WHERE tenant_id = {tenant_id}"
        ))
        .await?;
    database
        .execute_raw(raw_sql!(
            Postgres,
            r"DELETE FROM write_keys WHERE tenant_id = {tenant_id}"
        ))
        .await?;
    database
        .execute_raw(raw_sql!(
            Postgres,
            r"DELETE FROM shared_links WHERE tenant_id = {tenant_id}"
        ))
        .await?;
    let counted = event_ids(session, tenant_id).await?;
    let mut progress = Progress::new(counted.len() + 1);
    for event_id in counted.into_iter().map(Some).chain([None]) {
        delete_days(session, tenant_id, event_id).await?;
        progress.increment();
    }
    progress.finish();
    // From then on, facts that still arrive are counted in the default time zone.
    database
        .execute_raw(raw_sql!(
            Postgres,
            r"DELETE FROM tracked_events WHERE tenant_id = {tenant_id}"
        ))
        .await?;
    // Facts of the same day may have been counted in both zones.
    database
        .execute_unprepared("SELECT wait_for_rollup_writers()")
        .await?;
    let remaining = event_ids(session, tenant_id).await?;
    for event_id in remaining.into_iter().map(Some).chain([None]) {
        let zone = session.default_timezone;
        delete_facts(session, tenant_id, event_id, None, zone).await?;
    }
    database
        .execute_raw(statement(DELETE_VERSIONS, [tenant_id.into()]))
        .await?;
    // Last, so that a redelivered message of a deleted fact is not stored meanwhile.
    loop {
        let values = [tenant_id.into(), MAX_LEDGER_ROWS.into()];
        let deleted = database.execute_raw(statement(DELETE_LEDGER, values));
        if deleted.await?.rows_affected() < MAX_LEDGER_ROWS {
            return Ok(());
        }
    }
}

/// Returns the events with facts or rollup rows of a tenant.
async fn event_ids(session: &Session, tenant_id: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let scope = Scope {
        event: None,
        tenant: Some(tenant_id),
    };
    let events = events(&session.database, scope).await?;
    Ok(events.into_iter().map(|event| event.event_id).collect())
}

/// Deletes the facts of a tenant for an event, or its facts without one, day by day.
async fn delete_days(
    session: &Session,
    tenant_id: Uuid,
    event_id: Option<Uuid>,
) -> Result<(), DbErr> {
    let zone = time_zone(session, tenant_id, event_id).await?;
    let values = [tenant_id.into(), event_id.into(), zone.as_str().into()];
    let days = FactDay::find_by_statement(statement(DAYS, values));
    for fact in days.all(&session.database).await? {
        delete_facts(session, tenant_id, event_id, Some(fact.day), &zone).await?;
    }
    Ok(())
}

/// Deletes the facts and rollup rows of one day, or all of them, also those that belong to no day of a fact.
async fn delete_facts(
    session: &Session,
    tenant_id: Uuid,
    event_id: Option<Uuid>,
    day: Option<NaiveDate>,
    zone: &str,
) -> Result<(), DbErr> {
    let transaction = begin(session).await?;
    if let Some(event_id) = event_id {
        lock_event(&transaction, event_id).await?;
    }
    let values = [tenant_id.into(), event_id.into(), day.into(), zone.into()];
    transaction
        .execute_raw(statement(DELETE_FACTS, values))
        .await?;
    transaction.commit().await
}

/// Begins a transaction whose statements are planned for their values: most of them may be `NULL`.
async fn begin(session: &Session) -> Result<DatabaseTransaction, DbErr> {
    let transaction = session.begin_rewrite().await?;
    transaction
        .execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan")
        .await?;
    Ok(transaction)
}

/// Returns the time zone in which the event's facts of the tenant are counted.
async fn time_zone(
    session: &Session,
    tenant_id: Uuid,
    event_id: Option<Uuid>,
) -> Result<String, DbErr> {
    let default_timezone = session.default_timezone;
    let zone = raw_sql!(
        Postgres,
        r"SELECT event_timezone({tenant_id}, {event_id}, {default_timezone})"
    );
    let row = session.database.query_one_raw(zone).await?;
    row.map_or_else(
        || Ok(default_timezone.to_owned()),
        |row| row.try_get_by_index(0),
    )
}

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
