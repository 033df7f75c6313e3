//! The registry of ticketing events, and what a new time zone does to an event's days.

use analytics_shared::entity::tracked_event::{Entity as TrackedEvents, Model};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QuerySelect,
    TransactionTrait, raw_sql,
};
use uuid::Uuid;

use super::{Store, StoreError};

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
    /// When it was published; the latest publication counts.
    pub published_at: DateTime<Utc>,
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
        let tenant = Tenant::find_by_statement(query).one(&self.database).await?;
        Ok(tenant.map(|row| row.tenant_id))
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
        match tokio::spawn(async move { store.register_in_transaction(publication).await }).await {
            Ok(registered) => registered,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }

    async fn register_in_transaction(&self, new: Publication) -> Result<Registered, StoreError> {
        let transaction = self.database.begin().await?;
        let known = TrackedEvents::find_by_id(new.event_id)
            .lock_exclusive()
            .one(&transaction)
            .await?;
        match &known {
            Some(event) if event.tenant_id != new.tenant_id => {
                return Ok(Registered::ElsewhereOwned);
            }
            Some(event) if is_old(event, &new) => return Ok(Registered::Before),
            _ => {}
        }
        let zone_before = known.and_then(|event| event.timezone);
        let zone_changes = self.zone(new.timezone.as_deref()) != self.zone(zone_before.as_deref());
        if zone_changes {
            // Refused where PostgreSQL does not know the zone: no fact could be counted in it.
            let zone = self.zone(new.timezone.as_deref());
            let probe = raw_sql!(Postgres, r"SELECT NOW() AT TIME ZONE {zone}");
            transaction.execute_raw(probe).await?;
            // Waits for the batches under way and holds back new ones: from here to the commit
            // nobody counts a day of this event in the old zone.
            transaction
                .execute_unprepared(
                    "LOCK TABLE event_daily, event_daily_visitors IN SHARE ROW EXCLUSIVE MODE",
                )
                .await?;
        }
        let event_id = new.event_id;
        if !upsert(&transaction, new).await? {
            return Ok(Registered::ElsewhereOwned);
        }
        if zone_changes {
            let zone = self.default_timezone.name();
            let recount = raw_sql!(Postgres, r"SELECT recount_event({event_id}, {zone})");
            transaction.execute_raw(recount).await?;
        }
        transaction.commit().await?;
        Ok(Registered::Now)
    }

    fn zone<'a>(&'a self, named: Option<&'a str>) -> &'a str {
        named.unwrap_or(self.default_timezone.name())
    }
}

fn is_old(event: &Model, new: &Publication) -> bool {
    event.published_at > new.published_at
}

/// Whether the registry took it: it does not where the event belongs to another tenant.
async fn upsert(transaction: &DatabaseTransaction, new: Publication) -> Result<bool, StoreError> {
    let Publication {
        event_id,
        tenant_id,
        organization_id,
        title,
        slug,
        starts_at,
        timezone,
        published_at,
    } = new;
    let result = transaction
        .execute_raw(raw_sql!(
            Postgres,
            r"INSERT INTO tracked_events
                 (event_id, tenant_id, organization_id, title, slug, starts_at, timezone, published_at)
             VALUES ({event_id}, {tenant_id}, {organization_id}, {title}, {slug}, {starts_at}, {timezone}, {published_at})
             ON CONFLICT (event_id) DO UPDATE
                 SET organization_id = EXCLUDED.organization_id, title = EXCLUDED.title,
                     slug = EXCLUDED.slug, starts_at = EXCLUDED.starts_at,
                     timezone = EXCLUDED.timezone, published_at = EXCLUDED.published_at
                 WHERE tracked_events.tenant_id = EXCLUDED.tenant_id"
        ))
        .await?;
    Ok(result.rows_affected() > 0)
}
