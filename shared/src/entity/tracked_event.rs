//! The event registry, filled from `event.published`.

use sea_orm::entity::prelude::*;

/// A registered event.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "analytics_service", table_name = "tracked_events")]
pub struct Model {
    /// The ticketing event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: Uuid,
    /// The tenant that owns it.
    pub tenant_id: Uuid,
    /// The organization id of the platform; equal to the tenant id.
    pub organization_id: Option<Uuid>,
    /// The title.
    pub title: String,
    /// The name in URLs.
    pub slug: Option<String>,
    /// The start time.
    pub starts_at: Option<DateTimeUtc>,
    /// The IANA time zone of its days; `None` means `DEFAULT_TIMEZONE`.
    pub timezone: Option<String>,
    /// The time zone of its rollup rows; `None` while they are rebuilt.
    pub rollup_timezone: Option<String>,
    /// The time of publication.
    pub published_at: DateTimeUtc,
    /// The time of the latest applied message.
    pub source_updated_at: DateTimeUtc,
}

/// No foreign keys.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
