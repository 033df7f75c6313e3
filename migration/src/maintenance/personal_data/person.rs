//! A person, as the commands identify them.

use analytics_shared::parse::id;
use anyhow::{Context, ensure};
use sea_orm::{DbBackend, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::maintenance::session::Session;

const COUNT: &str = include_str!("count_facts.sql");

/// A user or visitor of a tenant.
#[derive(clap::Args, Clone, Debug)]
pub struct Person {
    /// The tenant (organization) of the facts.
    #[arg(long)]
    pub(super) tenant: Uuid,
    /// The id of a logged-in user.
    #[arg(long, required_unless_present = "visitor", conflicts_with = "visitor")]
    user: Option<Uuid>,
    /// The `properties.visitorId` of a visitor.
    #[arg(long)]
    visitor: Option<String>,
}

/// The number of facts of a person for one event.
#[derive(FromQueryResult)]
pub(super) struct EventFacts {
    pub event_id: Option<Uuid>,
    pub facts: i64,
}

impl Person {
    /// The id as a visitor id.
    pub(super) fn visitor_id(&self) -> String {
        let user = self.user.map(|user| user.to_string());
        let visitor = self.visitor.as_deref().map(id::normalize);
        visitor.map(Into::into).or(user).unwrap_or_default()
    }

    /// The id as a user id, if it is a UUID. The same id as user and as visitor is two visitors, both of
    /// which the commands include.
    pub(super) fn user_id(&self) -> Option<Uuid> {
        self.visitor_id().parse().ok()
    }

    /// A statement whose first parameters are tenant, user id and visitor id.
    pub(super) fn statement(&self, sql: &str, more: impl IntoIterator<Item = Value>) -> Statement {
        let person = [
            self.tenant.into(),
            self.user_id().into(),
            self.visitor_id().into(),
        ];
        Statement::from_sql_and_values(DbBackend::Postgres, sql, person.into_iter().chain(more))
    }

    /// Returns the number of facts of the person by event.
    pub(super) async fn count_facts(&self, session: &Session) -> Result<Vec<EventFacts>, DbErr> {
        EventFacts::find_by_statement(self.statement(COUNT, []))
            .all(&session.database)
            .await
    }

    /// Returns the number of facts of the person by event, and fails if there are none.
    pub(super) async fn require_facts(&self, session: &Session) -> anyhow::Result<Vec<EventFacts>> {
        let facts = self.count_facts(session).await;
        let facts = facts.context("cannot count the facts of the person")?;
        let (tenant, id) = (self.tenant, self.visitor_id());
        ensure!(
            !facts.is_empty(),
            "tenant {tenant} has no facts of {id}; nothing has changed"
        );
        Ok(facts)
    }
}
