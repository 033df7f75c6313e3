//! The registry of ticketing events, from `event.published`.

use sea_orm::entity::prelude::*;

/// One registered event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "analytics_service", table_name = "tracked_events")]
pub struct Model {
    /// The ticketing event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// The organization that owns it.
    pub tenant_id: Uuid,
    /// The organization as the platform names it; equal to the tenant.
    pub organization_id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// Its name in URLs.
    pub slug: Option<String>,
    /// When it begins.
    pub starts_at: Option<DateTimeUtc>,
    /// IANA zone that its days are counted in; `None` stands for the configured default.
    pub timezone: Option<String>,
    /// The zone in which the rollup counts its days; `None` while they are rebuilt.
    pub rollup_timezone: Option<String>,
    /// When it was published.
    pub published_at: DateTimeUtc,
    /// Time of the message; the latest one counts.
    pub source_updated_at: DateTimeUtc,
}

/// The registry refers to nothing.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
