//! Rollup rows recounted from raw facts, for time zones in which the rollup has no days.

use std::collections::HashMap;

use sea_orm::sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::{
    analytics::{EventKind, RollupRow, RollupRows},
    metrics::ReadSource,
    store::{
        decode::{RowDecoder, event_types},
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
        let statement = ReadStatement {
            sql: include_str!("recounted_rows.sql"),
            values: vec![
                query.tenant_id.into(),
                event_ids.into(),
                query.period.from.into(),
                query.period.to.into(),
                query.zone().name().into(),
                event_types(&EventKind::ALL).into(),
                event_types(&EventKind::FUNNEL).into(),
            ],
            zone: query.zone(),
            source: ReadSource::Facts,
        };
        let (mut events, mut decoder) =
            (HashMap::<_, Vec<RollupRow>>::new(), RowDecoder::default());
        let process = |row: &PgRow| {
            if let Some(row) = decoder.decode(row)? {
                events.entry(row.event_id).or_default().push(row);
            }
            Ok(())
        };
        statement.for_each(self.connection(), process).await?;
        let by_day = events.into_iter();
        Ok(by_day
            .map(|(event_id, rows)| (event_id, RollupRows::by_day(rows)))
            .collect())
    }
}
