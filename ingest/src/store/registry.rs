//! The registry of ticketing events, and what a new time zone does to an event's days.

use std::{collections::HashMap, time::Duration};

use analytics_shared::entity::tracked_event::Entity as TrackedEvents;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, FromQueryResult, Statement,
    TransactionTrait, raw_sql,
};
use uuid::Uuid;

use super::{Store, StoreError, availability::silent};

/// Waits for the batches under way and holds back new ones: from here to the commit nobody counts a
/// day in the old zone. Counting anew may take longer than other statements; waiting may not.
const HOLD_BACK_WRITERS: &str = "
    SET LOCAL lock_timeout = '10s';
    LOCK TABLE event_daily, event_daily_visitors IN SHARE ROW EXCLUSIVE MODE;
    SET LOCAL statement_timeout = 0";

/// The longest that registering may take, counting anew included. It goes on after that, and the
/// message that told us will find it done.
const RECOUNT_PATIENCE: Duration = Duration::from_mins(10);

/// What `event.published` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The ticketing event.
    pub event_id: Uuid,
    /// The organization that owns it.
    pub tenant_id: Uuid,
    /// The organization as the platform names it.
    pub organization_id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// Its name in URLs.
    pub slug: Option<String>,
    /// When it begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// IANA zone that its days are counted in.
    pub timezone: Option<String>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When the platform told us so; the latest word counts.
    pub told_at: DateTime<Utc>,
}

/// What became of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The registry says so now.
    Now,
    /// The registry knew it, or something newer.
    Before,
    /// The event belongs to another tenant.
    ElsewhereOwned,
}

#[derive(FromQueryResult)]
struct Tenant {
    tenant_id: Uuid,
}

#[derive(FromQueryResult)]
struct Ownership {
    event_id: Uuid,
    tenant_id: Uuid,
}

impl Store {
    /// The tenant of a registered event.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tenant_of(&self, event_id: Uuid) -> Result<Option<Uuid>, StoreError> {
        let query = raw_sql!(
            Postgres,
            r"SELECT tenant_id FROM tracked_events WHERE event_id = {event_id}"
        );
        let tenant = self
            .availability
            .within(Tenant::find_by_statement(query).one(&self.database))
            .await?;
        Ok(tenant.map(|row| row.tenant_id))
    }

    /// The tenants of those of `event_ids` that are registered, by event.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tenants_of(
        &self,
        event_ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Uuid>, StoreError> {
        if event_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT event_id, tenant_id FROM tracked_events WHERE event_id = ANY ($1::UUID[])",
            [event_ids.into()],
        );
        let found = self
            .availability
            .within(Ownership::find_by_statement(statement).all(&self.database))
            .await?;
        let by_event = found.into_iter().map(|row| (row.event_id, row.tenant_id));
        Ok(by_event.collect())
    }

    /// Registers an event. If its zone is another than its days were counted in so far, the days
    /// are counted anew in the same transaction.
    ///
    /// # Errors
    /// When nothing was registered; [`StoreError::RefusedValues`] where PostgreSQL does not know the
    /// zone.
    pub async fn register(&self, publication: Publication) -> Result<Registered, StoreError> {
        // A transaction that is dropped halfway can leave its connection inside it, so it runs in
        // a task of its own, which nothing cancels.
        let store = self.clone();
        let registering =
            tokio::spawn(async move { store.register_in_transaction(publication).await });
        match tokio::time::timeout(RECOUNT_PATIENCE, registering).await {
            Ok(Ok(registered)) => registered,
            Ok(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
            Err(_) => Err(silent()),
        }
    }

    async fn register_in_transaction(&self, new: Publication) -> Result<Registered, StoreError> {
        let transaction = self.database.begin().await?;
        let event_id = new.event_id;
        // One at a time for an event, also for one that is not there yet.
        let one_at_a_time = raw_sql!(
            Postgres,
            r"SELECT pg_advisory_xact_lock(hashtextextended({event_id}::TEXT, 0))"
        );
        transaction.execute_raw(one_at_a_time).await?;
        let known = TrackedEvents::find_by_id(event_id)
            .one(&transaction)
            .await?;
        match &known {
            Some(event) if event.tenant_id != new.tenant_id => {
                return Ok(Registered::ElsewhereOwned);
            }
            Some(event) if event.told_at > new.told_at => return Ok(Registered::Before),
            _ => {}
        }
        let zone_before = known.and_then(|event| event.timezone);
        // Not every word about an event names its zone: what is known stays.
        let zone_after = new.timezone.clone().or_else(|| zone_before.clone());
        let zone = self.zone(zone_after.as_deref());
        let zone_changes = zone != self.zone(zone_before.as_deref());
        if zone_changes {
            // Refused where PostgreSQL does not know the zone: no fact could be counted in it.
            let probe = raw_sql!(Postgres, r"SELECT NOW() AT TIME ZONE {zone}");
            transaction.execute_raw(probe).await?;
            transaction.execute_unprepared(HOLD_BACK_WRITERS).await?;
        }
        upsert(&transaction, new).await?;
        if zone_changes {
            let default_zone = self.default_timezone.name();
            let recount = raw_sql!(
                Postgres,
                r"SELECT recount_event({event_id}, {default_zone})"
            );
            transaction.execute_raw(recount).await?;
        }
        transaction.commit().await?;
        Ok(Registered::Now)
    }

    fn zone<'a>(&'a self, named: Option<&'a str>) -> &'a str {
        named.unwrap_or(self.default_timezone.name())
    }
}

async fn upsert(transaction: &DatabaseTransaction, new: Publication) -> Result<(), StoreError> {
    let Publication {
        event_id,
        tenant_id,
        organization_id,
        title,
        slug,
        starts_at,
        timezone,
        published_at,
        told_at,
    } = new;
    transaction
        .execute_raw(raw_sql!(
            Postgres,
            r"INSERT INTO tracked_events AS known
                 (event_id, tenant_id, organization_id, title, slug, starts_at, timezone, published_at, told_at)
             VALUES ({event_id}, {tenant_id}, {organization_id}, {title}, {slug}, {starts_at}, {timezone}, {published_at}, {told_at})
             ON CONFLICT (event_id) DO UPDATE
                 SET organization_id = COALESCE(EXCLUDED.organization_id, known.organization_id),
                     title = EXCLUDED.title,
                     slug = COALESCE(EXCLUDED.slug, known.slug),
                     starts_at = COALESCE(EXCLUDED.starts_at, known.starts_at),
                     timezone = COALESCE(EXCLUDED.timezone, known.timezone),
                     published_at = EXCLUDED.published_at, told_at = EXCLUDED.told_at"
        ))
        .await?;
    Ok(())
}
