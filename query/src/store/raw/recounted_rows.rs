//! Rollup rows recounted from raw facts, for time zones and dimensions that the rollup does not have.

use std::collections::HashMap;

use sea_orm::sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{
    analytics::{DayRows, EventKind, RollupRows, RollupRowsBuilder},
    store::{
        decode::{event_types, rollup_row},
        error::StoreError,
        row_stream::ReadStatement,
        snapshot::Snapshot,
        tenant_query::TenantQuery,
    },
};

impl Snapshot {
    /// Returns the rows of events, recounted from their facts; events without facts are missing.
    pub async fn recounted_rows(
        &self,
        query: &TenantQuery,
        event_ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, RollupRows>, StoreError> {
        let types =
            [&EventKind::ALL[..], &EventKind::FUNNEL].map(|kinds| event_types(kinds).into());
        let sql = include_str!("recounted_rows.sql");
        let statement = ReadStatement::of_facts(sql, query, event_ids, types);
        self.recount(statement).await
    }

    /// Returns the rows of the steps of the funnel of an event, recounted from the facts of `source` or of all
    /// sources, with the campaign of the facts in the place of their source: empty without a campaign.
    pub async fn campaign_rows(
        &self,
        query: &TenantQuery,
        event_id: Uuid,
        source: Option<&str>,
    ) -> Result<RollupRows, StoreError> {
        let types = event_types(&EventKind::FUNNEL).into();
        let more = [types, source.map(ToOwned::to_owned).into()];
        let sql = include_str!("campaign_rows.sql");
        let statement = ReadStatement::of_facts(sql, query, event_id, more);
        let mut events = self.recount(statement).await?;
        Ok(events.remove(&event_id).unwrap_or_default())
    }

    async fn recount(
        &self,
        statement: ReadStatement,
    ) -> Result<HashMap<Uuid, RollupRows>, StoreError> {
        let mut events = HashMap::<Uuid, RollupRowsBuilder>::new();
        let process = |row: &PgRow| {
            let Some(row) = rollup_row(row)? else {
                return Ok(0);
            };
            let bytes = DayRows::row_bytes(&row);
            events.entry(row.event_id).or_default().push(row);
            Ok(bytes)
        };
        let memory = &mut *self.memory().await;
        statement
            .for_each(self.connection(), memory, process)
            .await?;
        let events = events.into_iter();
        Ok(events
            .map(|(event_id, rows)| (event_id, rows.build()))
            .collect())
    }
}
