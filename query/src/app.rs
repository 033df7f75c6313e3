//! The state that the endpoints share.

use crate::{
    cache::{EventCache, ResponseCache},
    export::TenantExportLimiter,
    live::LiveHub,
    store::Store,
};

/// The state that the endpoints share. Cloning is cheap.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub events: EventCache,
    pub responses: ResponseCache,
    pub live: LiveHub,
    /// Limit on the concurrent exports of each tenant.
    pub exports: TenantExportLimiter,
}
