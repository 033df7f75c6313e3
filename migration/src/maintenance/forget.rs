//! `analytics-migration forget`: a person is forgotten, and no figure changes (ADR 0007).

use analytics_shared::maintenance::advisory_lock::lock_event;
use anyhow::{Context, bail};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, TransactionTrait, Value, raw_sql,
};
use uuid::Uuid;

use super::{Session, progress::Progress, table};

const UNLINK: &str = include_str!("unlink.sql");
const DELETE: &str = include_str!("delete.sql");
const COUNT: &str = include_str!("facts_of_person.sql");
/// On the Community edition facts may lie in the columnstore, of which whole batches are rewritten.
const NO_DECOMPRESSION_LIMIT: &str =
    "SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0";

/// A user or visitor of a tenant.
#[derive(Clone, Debug)]
pub struct Person {
    /// The tenant.
    pub tenant: Uuid,
    /// The user's id, or `properties.visitorId`.
    pub visitor: String,
}

#[derive(FromQueryResult)]
struct FactsOfEvent {
    event_id: Option<Uuid>,
    facts: i64,
}

impl Person {
    /// The user's id, if it is one. Somebody may have sent it as `visitorId` as well, which is
    /// another visitor, and is forgotten too.
    fn user(&self) -> Option<Uuid> {
        self.visitor.parse().ok()
    }

    fn statement(&self, sql: &str, more: impl IntoIterator<Item = Value>) -> Statement {
        let person = [
            self.tenant.into(),
            self.user().into(),
            self.visitor.as_str().into(),
        ];
        Statement::from_sql_and_values(DbBackend::Postgres, sql, person.into_iter().chain(more))
    }
}

/// Forgets `person`: unlinks all facts, or deletes them.
///
/// # Errors
/// When there are no facts of the person, or the database fails: then unlinking has changed nothing,
/// and deleting can be run again.
pub async fn forget(session: &Session, person: &Person, delete: bool) -> anyhow::Result<()> {
    let of_events = facts_of(&session.database, person)
        .await
        .context("cannot look for facts of the person")?;
    if of_events.is_empty() {
        bail!(
            "tenant {} has no facts of {}; nothing is changed",
            person.tenant,
            person.visitor
        );
    }
    let (done, word) = if delete {
        (delete_facts(session, person, of_events).await, "deleted")
    } else {
        (unlink_facts(session, person, of_events).await, "unlinked")
    };
    let done = done.context("the person is not forgotten")?;
    table::line(&format!("{done} facts are {word}"));
    let left = facts_of(&session.database, person)
        .await
        .context("the person is forgotten; cannot look for facts that came meanwhile")?;
    let left: i64 = left.iter().map(|of_event| of_event.facts).sum();
    if left > 0 {
        table::line(&format!(
            "{left} facts came meanwhile and belong to a new visitor; run this again to forget that one"
        ));
    }
    Ok(())
}

async fn facts_of<C: ConnectionTrait>(
    database: &C,
    person: &Person,
) -> Result<Vec<FactsOfEvent>, DbErr> {
    FactsOfEvent::find_by_statement(person.statement(COUNT, []))
        .all(database)
        .await
}

/// Gives all facts to visitors with random names, one for each id, in one transaction: in between, an
/// answer would count two visitors.
async fn unlink_facts(
    session: &Session,
    person: &Person,
    of_events: Vec<FactsOfEvent>,
) -> Result<i64, DbErr> {
    let events: Vec<Uuid> = of_events.iter().filter_map(|one| one.event_id).collect();
    let transaction = session.database.begin().await?;
    transaction
        .execute_unprepared(NO_DECOMPRESSION_LIMIT)
        .await?;
    // In the order of their ids, as everybody who waits for several.
    for &event_id in &events {
        lock_event(&transaction, event_id).await?;
    }
    let visitor = Some(person.visitor.as_str());
    let user = person.user().map(|user| (Some(user), None));
    let mut unlinked = 0;
    for (user, visitor) in user.into_iter().chain([(None, visitor)]) {
        let values = [
            person.tenant.into(),
            events.clone().into(),
            user.into(),
            visitor.into(),
            format!("forgotten-{}", Uuid::new_v4()).into(),
        ];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, UNLINK, values);
        if let Some(row) = transaction.query_one_raw(statement).await? {
            unlinked += row.try_get::<i64>("", "facts")?;
        }
    }
    transaction.commit().await?;
    Ok(unlinked)
}

/// Deletes the facts of one event after the other, and rebuilds each.
async fn delete_facts(
    session: &Session,
    person: &Person,
    of_events: Vec<FactsOfEvent>,
) -> Result<i64, DbErr> {
    let (tenant, default_timezone) = (person.tenant, session.default_zone);
    let mut progress = Progress::of("events", of_events.len());
    let mut deleted = 0;
    for FactsOfEvent { event_id, .. } in of_events {
        let transaction = session.database.begin().await?;
        transaction
            .execute_unprepared(NO_DECOMPRESSION_LIMIT)
            .await?;
        if let Some(event_id) = event_id {
            lock_event(&transaction, event_id).await?;
        }
        let result = transaction
            .execute_raw(person.statement(DELETE, [event_id.into()]))
            .await?;
        if let Some(event_id) = event_id {
            let rebuild = raw_sql!(
                Postgres,
                r"SELECT rebuild_days({tenant}, {event_id}, {default_timezone})"
            );
            transaction.execute_raw(rebuild).await?;
        }
        transaction.commit().await?;
        deleted += result.rows_affected().cast_signed();
        progress.add(1);
    }
    progress.finish();
    Ok(deleted)
}
