//! The facts of an export.

use chrono::{DateTime, Utc};
use sea_orm::sqlx::{self, Row, postgres::PgRow};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::store::{
    database::Store,
    error::StoreError,
    stream::{StreamItem, StreamedRow},
    tenant_query::TenantQuery,
};

/// A fact, with a field for each property that has an export column.
#[derive(Clone, Debug)]
pub struct StoredFact {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub event_type: String,
    pub event_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
    pub source: String,
    pub ticket_type_id: Option<String>,
    pub ticket_type_name: Option<String>,
    pub registration_id: Option<String>,
    /// `properties.amountCents` as text: it may be no number.
    pub amount_cents: Option<String>,
    pub currency: Option<String>,
    /// All properties, as PostgreSQL formats JSON.
    pub properties: Option<String>,
}

impl Store {
    /// Starts a stream of facts ordered by time, of one event or all, of some event types or all. Dropping
    /// the receiver cancels it.
    ///
    /// # Errors
    /// Fails if too many exports are running, or if the database fails.
    pub async fn stream_facts(
        &self,
        query: &TenantQuery,
        event_id: Option<Uuid>,
        event_types: Option<&[String]>,
    ) -> Result<mpsc::Receiver<StreamItem<StoredFact>>, StoreError> {
        let statement = sqlx::query(include_str!("exported_facts.sql"))
            .bind(query.tenant_id)
            .bind(event_id)
            .bind(query.period.from)
            .bind(query.period.to)
            .bind(query.zone().name())
            .bind(event_types.map(<[String]>::to_vec));
        self.stream(statement, query).await
    }
}

impl StreamedRow for StoredFact {
    fn decode(row: PgRow) -> Result<Self, StoreError> {
        // By index: a lookup by name for a million rows takes longer than decoding them.
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

    fn heap_bytes(&self) -> usize {
        self.properties.as_ref().map_or(0, String::len)
    }
}
