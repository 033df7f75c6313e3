//! `analytics-migration forget`: unlinks a person from their facts without changing a figure (ADR 0007).

use analytics_shared::database::advisory_lock::lock_event;
use anyhow::Context;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, raw_sql};
use uuid::Uuid;

use super::person::{EventFacts, Person};
use crate::maintenance::{progress::Progress, session::Session, table};

const UNLINK: &str = include_str!("unlink_facts.sql");
const DELETE: &str = include_str!("delete_facts.sql");

/// Forgets `person`: unlinks all facts, or deletes them, and removes the person from the share links that they have
/// created, which stay valid.
///
/// # Errors
/// When the person has neither facts nor links, or a statement fails: unlinking then has changed no fact, and
/// deleting can be repeated.
pub async fn forget(session: &Session, person: &Person, delete: bool) -> anyhow::Result<()> {
    let links = unlink_share_links(session, person).await;
    let links = links.context("the person is not forgotten")?;
    let facts = if links == 0 {
        person.require_facts(session).await?
    } else {
        table::line(&format!("{links} share links no longer name the person"));
        let facts = person.count_facts(session).await;
        facts.context("cannot count the facts of the person")?
    };
    let (result, verb) = if delete {
        (delete_facts(session, person, facts).await, "deleted")
    } else {
        (unlink_facts(session, person, facts).await, "unlinked")
    };
    let forgotten = result.context("the person is not forgotten")?;
    table::line(&format!("{forgotten} facts are {verb}"));
    let remaining = person
        .count_facts(session)
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

/// Removes the person as the creator of share links; returns their number.
async fn unlink_share_links(session: &Session, person: &Person) -> Result<u64, DbErr> {
    let (tenant, user) = (person.tenant, person.user_id());
    let unlink = raw_sql!(
        Postgres,
        r"UPDATE shared_links SET created_by = NULL
          WHERE tenant_id = {tenant} AND created_by = {user}"
    );
    let unlinked = session.database.execute_raw(unlink).await?;
    Ok(unlinked.rows_affected())
}

/// Assigns all facts to visitors with random ids, one for each id of the person. One transaction, because
/// a reader would count two visitors in between.
async fn unlink_facts(
    session: &Session,
    person: &Person,
    facts: Vec<EventFacts>,
) -> Result<i64, DbErr> {
    let events: Vec<Uuid> = facts.iter().filter_map(|event| event.event_id).collect();
    let transaction = session.begin_rewrite().await?;
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
        let transaction = session.begin_rewrite().await?;
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
