//! `analytics-migration forget`: unlinks a person from their facts without changing a figure (ADR 0007).

use analytics_shared::database::advisory_lock::lock_event;
use anyhow::{Context, bail};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Statement,
    TransactionTrait, Value, raw_sql,
};
use uuid::Uuid;

use super::{progress::Progress, session::Session, table};

const UNLINK: &str = include_str!("unlink_facts.sql");
const DELETE: &str = include_str!("delete_facts.sql");
const COUNT: &str = include_str!("count_facts.sql");
/// On the Community edition, facts may be in the columnstore, which rewrites whole batches.
const NO_DECOMPRESSION_LIMIT: &str =
    "SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0";

/// A user or visitor of a tenant.
#[derive(clap::Args, Clone, Debug)]
pub struct Person {
    /// The tenant (organization) of the facts.
    #[arg(long)]
    tenant: Uuid,
    /// The id of a logged-in user.
    #[arg(long, required_unless_present = "visitor", conflicts_with = "visitor")]
    user: Option<Uuid>,
    /// The `properties.visitorId` of a visitor.
    #[arg(long)]
    visitor: Option<String>,
}

#[derive(FromQueryResult)]
struct EventFacts {
    event_id: Option<Uuid>,
    facts: i64,
}

impl Person {
    /// The id as a visitor id.
    fn visitor_id(&self) -> String {
        let user = self.user.map(|user| user.to_string());
        self.visitor.clone().or(user).unwrap_or_default()
    }

    /// The id as a user id, if it is a UUID. The same id as user and as visitor is two visitors, both of
    /// which are forgotten.
    fn user_id(&self) -> Option<Uuid> {
        self.visitor_id().parse().ok()
    }

    fn statement(&self, sql: &str, more: impl IntoIterator<Item = Value>) -> Statement {
        let person = [
            self.tenant.into(),
            self.user_id().into(),
            self.visitor_id().into(),
        ];
        Statement::from_sql_and_values(DbBackend::Postgres, sql, person.into_iter().chain(more))
    }
}

/// Forgets `person`: unlinks all facts, or deletes them.
///
/// # Errors
/// When the person has no facts, or a statement fails: unlinking then has changed nothing, and deleting
/// can be repeated.
pub async fn forget(session: &Session, person: &Person, delete: bool) -> anyhow::Result<()> {
    let facts = count_facts(session, person)
        .await
        .context("cannot count the facts of the person")?;
    if facts.is_empty() {
        let (tenant, id) = (person.tenant, person.visitor_id());
        bail!("tenant {tenant} has no facts of {id}; nothing has changed");
    }
    let (result, verb) = if delete {
        (delete_facts(session, person, facts).await, "deleted")
    } else {
        (unlink_facts(session, person, facts).await, "unlinked")
    };
    let forgotten = result.context("the person is not forgotten")?;
    table::line(&format!("{forgotten} facts are {verb}"));
    let remaining = count_facts(session, person)
        .await
        .context("the person is forgotten, but facts stored meanwhile cannot be counted")?;
    let remaining: i64 = remaining.iter().map(|event| event.facts).sum();
    if remaining > 0 {
        table::line(&format!(
            "{remaining} facts were stored meanwhile and belong to a new visitor: \
             run the command again to forget that visitor"
        ));
    }
    Ok(())
}

async fn count_facts(session: &Session, person: &Person) -> Result<Vec<EventFacts>, DbErr> {
    EventFacts::find_by_statement(person.statement(COUNT, []))
        .all(&session.database)
        .await
}

async fn begin(session: &Session) -> Result<DatabaseTransaction, DbErr> {
    let transaction = session.database.begin().await?;
    transaction
        .execute_unprepared(NO_DECOMPRESSION_LIMIT)
        .await?;
    Ok(transaction)
}

/// Assigns all facts to visitors with random ids, one for each id of the person. One transaction, because
/// a reader would count two visitors in between.
async fn unlink_facts(
    session: &Session,
    person: &Person,
    facts: Vec<EventFacts>,
) -> Result<i64, DbErr> {
    let events: Vec<Uuid> = facts.iter().filter_map(|event| event.event_id).collect();
    let transaction = begin(session).await?;
    // Sorted by the query, as by every transaction that locks several events.
    for &event_id in &events {
        lock_event(&transaction, event_id).await?;
    }
    let visitor = Some(person.visitor_id());
    let user = person.user_id().map(|user| (Some(user), None));
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

/// Deletes the facts event by event, and rebuilds the rollup of each.
async fn delete_facts(
    session: &Session,
    person: &Person,
    facts: Vec<EventFacts>,
) -> Result<i64, DbErr> {
    let (tenant, default_timezone) = (person.tenant, session.default_timezone);
    let mut progress = Progress::new(facts.len());
    let mut deleted = 0;
    for EventFacts { event_id, .. } in facts {
        let transaction = begin(session).await?;
        if let Some(event_id) = event_id {
            lock_event(&transaction, event_id).await?;
        }
        let delete = person.statement(DELETE, [event_id.into()]);
        let result = transaction.execute_raw(delete).await?;
        if let Some(event_id) = event_id {
            let rebuild = raw_sql!(
                Postgres,
                r"SELECT rebuild_days({tenant}, {event_id}, {default_timezone})"
            );
            transaction.execute_raw(rebuild).await?;
        }
        transaction.commit().await?;
        deleted += result.rows_affected().cast_signed();
        progress.increment();
    }
    progress.finish();
    Ok(deleted)
}
