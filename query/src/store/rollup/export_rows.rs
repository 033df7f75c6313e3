//! Rollup rows of a tenant for an export, ordered by event and day so that the export aggregates one
//! day at a time.

use sea_orm::sqlx::{self, postgres::PgRow};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    analytics::{EventKind, RollupRow},
    store::{
        database::Store,
        decode::{RowDecoder, event_types},
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
    ) -> Result<mpsc::Receiver<StreamItem<RollupRow>>, StoreError> {
        let statement = sqlx::query(include_str!("export_rows.sql"))
            .bind(query.tenant_id)
            .bind(query.period.from)
            .bind(query.period.to)
            .bind(event_types(&EventKind::ALL))
            .bind(event_types(&EventKind::FUNNEL))
            .bind(query.zone().name())
            .bind(self.default_zone.name())
            .bind(event_id);
        self.stream(statement, query.zone()).await
    }
}

impl StreamedRow for RollupRow {
    fn decode(row: PgRow) -> Result<Self, StoreError> {
        // A decoder per row: rows of a stream are too short-lived to share texts.
        let row = RowDecoder::default().decode(&row)?;
        row.ok_or(StoreError::UnexpectedRow("a rollup row without event type"))
    }

    fn heap_bytes(&self) -> usize {
        self.bytes()
    }
}
