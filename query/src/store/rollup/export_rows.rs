//! Rollup rows of a tenant for an export, ordered by event and day so that the export aggregates one
//! day at a time.

use sea_orm::sqlx::{self, postgres::PgRow};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    analytics::{EventKind, RollupRow},
    store::{
        database::Store,
        decode::{event_types, rollup_row},
        error::StoreError,
        stream::{StreamItem, StreamedRow},
        tenant_query::TenantQuery,
    },
};

impl Store {
    /// Starts a stream of the rollup rows of a tenant, of one event or all. Dropping the receiver cancels it.
    ///
    /// # Errors
    /// Fails if too many exports are running, or if the database fails.
    pub async fn stream_rollup_rows(
        &self,
        query: &TenantQuery,
        event_id: Option<Uuid>,
    ) -> Result<mpsc::Receiver<StreamItem<RollupRow<'static>>>, StoreError> {
        let statement = sqlx::query(include_str!("export_rows.sql"))
            .bind(query.tenant_id)
            .bind(query.period.from)
            .bind(query.period.to)
            .bind(event_types(&EventKind::ALL))
            .bind(event_types(&EventKind::FUNNEL))
            .bind(query.zone().name())
            .bind(self.default_zone.name())
            .bind(event_id);
        self.stream(statement, query).await
    }
}

impl StreamedRow for RollupRow<'static> {
    fn decode(row: PgRow) -> Result<Self, StoreError> {
        let row = rollup_row(&row)?.map(RollupRow::into_owned);
        row.ok_or(StoreError::UnexpectedRow("a rollup row without event type"))
    }

    fn heap_bytes(&self) -> usize {
        self.heap_bytes()
    }
}
