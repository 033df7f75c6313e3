//! Published events.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

/// An event of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegisteredEvent {
    pub event_id: Uuid,
    pub tenant_id: Uuid,
    pub title: String,
    /// Start of the event, if known.
    pub starts_at: Option<DateTime<Utc>>,
    /// Time zone of the event, if it names one.
    pub zone: Option<Tz>,
    /// Time zone of the days in the rollup; `None` while the rollup is rebuilt in another zone.
    pub rollup_zone: Option<Tz>,
}
