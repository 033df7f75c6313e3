//! Every fact, as it was stored: a hypertable partitioned by `created_at`.

use sea_orm::entity::prelude::*;

/// One fact.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "analytics_service", table_name = "analytics_events")]
pub struct Model {
    /// With `created_at` the identity of the fact.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The organization.
    pub tenant_id: Uuid,
    /// What happened, as `domain.action`.
    pub event_type: String,
    /// The ticketing event.
    pub event_id: Option<Uuid>,
    /// The logged-in person.
    pub user_id: Option<Uuid>,
    /// Everything else that is known.
    pub properties: Option<Json>,
    /// When it happened.
    #[sea_orm(primary_key, auto_increment = false)]
    pub created_at: DateTimeUtc,
}

/// Facts refer to nothing: an event may be registered after its first fact.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
