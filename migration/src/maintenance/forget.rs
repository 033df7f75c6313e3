//! `analytics-migration forget`: a person is forgotten, and no figure changes (ADR 0007).

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement,
    TransactionTrait, raw_sql,
};
use uuid::Uuid;

use super::{Session, events::Event, progress::Progress, table};

const UNLINK: &str = include_str!("unlink.sql");
const DELETE: &str = include_str!("delete.sql");
const COUNT: &str = include_str!("facts_of_person.sql");

/// A user or visitor of a tenant.
#[derive(Clone, Debug)]
pub struct Person {
    /// The tenant.
    pub tenant: Uuid,
    /// The user's id, or `properties.visitorId`.
    pub visitor: String,
}

/// A chunk's range of times, and how many of the person's facts are in it.
#[derive(FromQueryResult)]
struct Chunk {
    range_start: DateTime<Utc>,
    range_end: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct FactsOfEvent {
    event_id: Option<Uuid>,
    facts: i64,
}

impl Person {
    /// The user's id, if it is one: somebody may send it as `visitorId` as well, and then it is the
    /// same visitor.
    fn user(&self) -> Option<Uuid> {
        self.visitor.parse().ok()
    }

    /// Has the person's ordinal looked at wherever it turns up from now on.
    async fn is_no_newcomer(&self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let (tenant, visitor) = (self.tenant, self.visitor.as_str());
        let mark = raw_sql!(
            Postgres,
            r"UPDATE newcomers SET above = GREATEST(above, ordinal) FROM visitors
              WHERE tenant_id = {tenant} AND visitor_id = {visitor}"
        );
        transaction.execute_raw(mark).await?;
        Ok(())
    }

    fn statement(&self, sql: &str, more: impl IntoIterator<Item = sea_orm::Value>) -> Statement {
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
    let all = of_events.iter().map(|of_event| of_event.facts).sum::<i64>();
    let mut progress = Progress::of("facts", usize::try_from(all)?);
    let done = if delete {
        delete_facts(session, person, of_events, &mut progress).await
    } else {
        unlink_facts(session, person, &mut progress).await
    };
    let (done, word) = (
        done.context("the person is not forgotten")?,
        if delete { "deleted" } else { "unlinked" },
    );
    progress.finish();
    let newcomer = settle(session, person)
        .await
        .context("the person is forgotten; but facts that came meanwhile are not counted anew")?;
    table::line(&format!("{done} facts are {word}"));
    if newcomer > 0 {
        table::line(&format!(
            "{newcomer} facts came meanwhile and belong to a new visitor; run this again to forget that one"
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

/// Gives all facts, and the ordinal, to a visitor with a random name: every set stays as it is, and
/// the facts still say the same. One transaction, or an answer in between would count two visitors.
async fn unlink_facts(
    session: &Session,
    person: &Person,
    progress: &mut Progress,
) -> Result<u64, DbErr> {
    let nobody = format!("forgotten-{}", Uuid::new_v4());
    let transaction = session.database.begin().await?;
    let mut unlinked = 0;
    for chunk in chunks(&transaction).await? {
        let more = [
            nobody.as_str().into(),
            chunk.range_start.into(),
            chunk.range_end.into(),
        ];
        let result = transaction
            .execute_raw(person.statement(UNLINK, more))
            .await?;
        unlinked += result.rows_affected();
        progress.add(result.rows_affected());
    }
    person.is_no_newcomer(&transaction).await?;
    let (tenant, visitor) = (person.tenant, person.visitor.as_str());
    let rename = raw_sql!(
        Postgres,
        r"UPDATE visitors SET visitor_id = {nobody}, forgotten = TRUE
          WHERE tenant_id = {tenant} AND visitor_id = {visitor}"
    );
    transaction.execute_raw(rename).await?;
    transaction.commit().await?;
    Ok(unlinked)
}

async fn chunks(transaction: &DatabaseTransaction) -> Result<Vec<Chunk>, DbErr> {
    let query = raw_sql!(
        Postgres,
        "SELECT range_start, range_end FROM timescaledb_information.chunks
         WHERE hypertable_schema = 'analytics_service' AND hypertable_name = 'analytics_events'
         ORDER BY range_start"
    );
    Chunk::find_by_statement(query).all(transaction).await
}

/// Deletes the facts of one event after the other, each with counting the event anew.
async fn delete_facts(
    session: &Session,
    person: &Person,
    of_events: Vec<FactsOfEvent>,
    progress: &mut Progress,
) -> Result<u64, DbErr> {
    let mut deleted = 0;
    for of_event in of_events {
        let transaction = session.begin_alone().await?;
        let statement = person.statement(DELETE, [of_event.event_id.into()]);
        let result = transaction.execute_raw(statement).await?;
        if let Some(event_id) = of_event.event_id {
            let event = Event {
                event_id,
                tenants: vec![person.tenant],
            };
            session.recount_in(&transaction, &event).await?;
        }
        transaction.commit().await?;
        deleted += result.rows_affected();
        progress.add(result.rows_affected());
    }
    let transaction = session.database.begin().await?;
    person.is_no_newcomer(&transaction).await?;
    let (tenant, visitor) = (person.tenant, person.visitor.as_str());
    let remove = raw_sql!(
        Postgres,
        r"DELETE FROM visitors WHERE tenant_id = {tenant} AND visitor_id = {visitor}"
    );
    transaction.execute_raw(remove).await?;
    transaction.commit().await?;
    Ok(deleted)
}

/// Facts that came while we were at it still have the forgotten ordinal in their sets: their events
/// are counted anew, with a new ordinal. Whatever comes later, ingest recounts by itself.
async fn settle(session: &Session, person: &Person) -> Result<i64, DbErr> {
    let mut facts = 0;
    for of_event in facts_of(&session.database, person).await? {
        facts += of_event.facts;
        if let Some(event_id) = of_event.event_id {
            let event = Event {
                event_id,
                tenants: vec![person.tenant],
            };
            session.recount(&event).await?;
        }
    }
    Ok(facts)
}
