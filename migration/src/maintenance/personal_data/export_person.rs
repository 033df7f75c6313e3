//! `analytics-migration export-person`: prints everything that is stored about a person.

use analytics_shared::entity::analytics_event;
use anyhow::Context;
use futures_util::TryStreamExt;
use sea_orm::FromQueryResult;
use serde_json::{Value, json};

use super::person::Person;
use crate::maintenance::{session::Session, table};

const EXPORT: &str = include_str!("export_person.sql");

/// A fact of the person.
#[derive(FromQueryResult)]
struct PersonalFact {
    #[sea_orm(nested)]
    fact: analytics_event::Model,
    /// The reporter of a lifecycle fact.
    provenance: Option<String>,
}

/// Prints the facts of `person` by time as NDJSON, with the fields of `POST /track`.
///
/// # Errors
/// When the person has no facts, or they cannot be read.
pub async fn export_person(session: &Session, person: &Person) -> anyhow::Result<()> {
    person.require_facts(session).await?;
    let statement = person.statement(EXPORT, []);
    let facts = PersonalFact::find_by_statement(statement).stream(&session.database);
    let mut facts = facts.await.context("cannot read the facts of the person")?;
    while let Some(fact) = facts.try_next().await.context("the export is incomplete")? {
        table::line(&fact.line().to_string());
    }
    Ok(())
}

impl PersonalFact {
    fn line(self) -> Value {
        let Self { fact, provenance } = self;
        json!({
            "id": fact.id,
            "createdAt": fact.created_at,
            "eventType": fact.event_type,
            "eventId": fact.event_id,
            "tenantId": fact.tenant_id,
            "userId": fact.user_id,
            "properties": fact.properties,
            "provenance": provenance,
        })
    }
}
