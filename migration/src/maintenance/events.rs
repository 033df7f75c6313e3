//! The events that a command processes.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, raw_sql};
use uuid::Uuid;

const EVENTS: &str = include_str!("events.sql");

/// All events, those of one tenant, or one.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Scope {
    /// Only this event.
    #[arg(long, conflicts_with = "tenant")]
    pub event: Option<Uuid>,
    /// All events of this tenant.
    #[arg(long)]
    pub tenant: Option<Uuid>,
}

impl Scope {
    /// Returns whether it includes all events.
    pub(super) fn is_all(self) -> bool {
        self.event.is_none() && self.tenant.is_none()
    }
}

/// An event with facts or rollup rows, registered or not.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Event {
    /// The id.
    pub event_id: Uuid,
    /// The tenants with facts or rollup rows of the event: several, if a tenant sends facts of an event
    /// that belongs to another.
    pub tenants: Vec<Uuid>,
}

impl Event {
    /// Returns whether a rebuild in a new time zone is pending.
    pub async fn is_pending<C: ConnectionTrait>(&self, database: &C) -> Result<bool, DbErr> {
        let event_id = self.event_id;
        let pending = raw_sql!(
            Postgres,
            r"SELECT FROM tracked_events WHERE event_id = {event_id} AND rollup_timezone IS NULL"
        );
        Ok(database.query_one_raw(pending).await?.is_some())
    }
}

/// Returns the events in `scope`.
pub async fn events<C: ConnectionTrait>(database: &C, scope: Scope) -> Result<Vec<Event>, DbErr> {
    let values = [scope.event.into(), scope.tenant.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, EVENTS, values);
    Event::find_by_statement(statement).all(database).await
}
