//! Updates of live metrics.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::watch;
use uuid::Uuid;

use crate::analytics::LiveTotals;

/// An event with the facts of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventKey {
    /// Tenant whose facts are counted.
    pub tenant_id: Uuid,
    pub event_id: Uuid,
}

/// The live metrics of an event.
#[derive(Clone, Debug)]
pub struct LiveSnapshot {
    pub event_id: Uuid,
    /// Title; `None` if the tenant has not published the event.
    pub title: Option<String>,
    pub zone: Tz,
    /// Time of the last change; the current time without facts.
    pub as_of: DateTime<Utc>,
    /// Totals of the event.
    pub totals: LiveTotals,
}

/// Rendered live metrics, shared by all subscribers.
#[derive(Clone, Debug)]
pub struct LiveUpdate {
    /// Hash of the metrics, the same on every replica.
    pub id: Arc<str>,
    /// The metrics.
    pub json: Bytes,
    /// The server-sent event with them.
    pub frame: Bytes,
}

/// Renders a snapshot.
pub type RenderFn = fn(LiveSnapshot) -> LiveUpdate;

/// The latest update of an event; `None` before the first poll.
pub type UpdateSender = Arc<watch::Sender<Option<LiveUpdate>>>;
