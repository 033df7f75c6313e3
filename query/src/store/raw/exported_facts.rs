//! The facts of an export.

use analytics_shared::period::Period;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::sqlx::{self, Row, postgres::PgRow};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    Store, StoreError,
    stream::{Piece, Streamed},
};

/// The facts to export.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    /// Their tenant.
    pub tenant_id: Uuid,
    /// One event, or everything of the tenant.
    pub event_id: Option<Uuid>,
    /// The days, in `zone`.
    pub period: Period,
    /// The zone of the days.
    pub zone: Tz,
}

/// A fact with the properties that have columns of their own.
#[derive(Clone, Debug)]
pub struct StoredFact {
    /// Its id.
    pub id: Uuid,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// What happened.
    pub event_type: String,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The logged-in person.
    pub user_id: Option<Uuid>,
    /// The traffic source that it is counted under.
    pub source: String,
    /// `properties.ticketTypeId`
    pub ticket_type_id: Option<String>,
    /// `properties.ticketTypeName`
    pub ticket_type_name: Option<String>,
    /// `properties.registrationId`
    pub registration_id: Option<String>,
    /// `properties.amountCents`, as it is written there.
    pub amount_cents: Option<String>,
    /// `properties.currency`
    pub currency: Option<String>,
    /// All properties, as PostgreSQL writes JSON.
    pub properties: Option<String>,
}

impl Store {
    /// Begins to read the facts of an export, by time; those of some types, or all. Dropping the
    /// receiver stops it.
    ///
    /// # Errors
    /// When too many exports are running already, or the database does not answer.
    pub async fn stream_facts(
        &self,
        selection: Selection,
        event_types: Option<&[String]>,
    ) -> Result<mpsc::Receiver<Piece<StoredFact>>, StoreError> {
        let statement = sqlx::query(include_str!("exported_facts.sql"))
            .bind(selection.tenant_id)
            .bind(selection.event_id)
            .bind(selection.period.from)
            .bind(selection.period.to)
            .bind(selection.zone.name())
            .bind(event_types.map(<[String]>::to_vec));
        self.stream(statement, selection.zone).await
    }
}

impl Streamed for StoredFact {
    fn of(row: PgRow) -> Result<Self, StoreError> {
        // By place: looking names up for a million rows takes longer than reading them.
        Ok(StoredFact {
            id: row.try_get(0)?,
            created_at: row.try_get(1)?,
            event_type: row.try_get(2)?,
            event_id: row.try_get(3)?,
            user_id: row.try_get(4)?,
            source: row.try_get(5)?,
            ticket_type_id: row.try_get(6)?,
            ticket_type_name: row.try_get(7)?,
            registration_id: row.try_get(8)?,
            amount_cents: row.try_get(9)?,
            currency: row.try_get(10)?,
            properties: row.try_get(11)?,
        })
    }

    fn bytes(&self) -> usize {
        self.properties.as_ref().map_or(0, String::len)
    }
}
