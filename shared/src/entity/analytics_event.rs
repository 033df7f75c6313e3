//! The stored facts: a hypertable partitioned by `created_at`.

use sea_orm::entity::prelude::*;

/// A stored fact.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "analytics_service", table_name = "analytics_events")]
pub struct Model {
    /// With `created_at`, the identity of the fact.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant (organization).
    pub tenant_id: Uuid,
    /// The event type, as `domain.action`.
    pub event_type: String,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The logged-in user.
    pub user_id: Option<Uuid>,
    /// All other properties.
    pub properties: Option<Json>,
    /// The time at which it happened.
    #[sea_orm(primary_key, auto_increment = false)]
    pub created_at: DateTimeUtc,
}

/// No foreign keys: an event may be registered after its first fact.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
