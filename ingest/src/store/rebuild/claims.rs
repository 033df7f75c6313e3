//! Claims of users that the platform or a service has reported later: they are deleted, and their events
//! recounted, so that nothing is counted twice.

use analytics_shared::database::advisory_lock;
use sea_orm::{ConnectionTrait, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::store::{database::Store, error::StoreError};

/// The maximum number of events that one run recounts.
const MAX_EVENTS: u64 = 100;
/// Recounting a large event exceeds the usual time-out.
const NO_TIMEOUT: &str = "SET LOCAL statement_timeout = 0";

#[derive(FromQueryResult)]
struct ClaimedEvent {
    tenant_id: Uuid,
    event_id: Uuid,
}

impl Store {
    /// Deletes superseded claims, and returns their number.
    ///
    /// Not cancellation safe: a dropped future leaves a transaction open.
    pub async fn delete_superseded_claims(&self) -> Result<u64, StoreError> {
        let events = raw_sql!(
            Postgres,
            r"SELECT DISTINCT tenant_id, event_id FROM superseded_claims
              ORDER BY event_id, tenant_id LIMIT {MAX_EVENTS}"
        );
        let events = ClaimedEvent::find_by_statement(events);
        let mut deleted = 0;
        for event in events.all(&self.database).await? {
            deleted += self.delete_claims_of(event).await?;
        }
        Ok(deleted)
    }

    async fn delete_claims_of(&self, event: ClaimedEvent) -> Result<u64, StoreError> {
        let ClaimedEvent {
            tenant_id,
            event_id,
        } = event;
        let default_timezone = self.default_timezone.name();
        let transaction = self.database.begin_with(NO_TIMEOUT).await?;
        advisory_lock::lock_event(&transaction, event_id).await?;
        let delete = raw_sql!(
            Postgres,
            r"SELECT delete_superseded_claims({tenant_id}, {event_id}, {default_timezone}) AS deleted"
        );
        let row = transaction.query_one_raw(delete).await?;
        let deleted: i64 = row.map_or(Ok(0), |row| row.try_get("", "deleted"))?;
        transaction.commit().await?;
        tracing::warn!(tenant = %tenant_id, event = %event_id, deleted,
            "deleted claims of users that the platform has reported as well");
        Ok(deleted.unsigned_abs())
    }
}
