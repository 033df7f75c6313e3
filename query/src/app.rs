//! The state that the endpoints share.

use crate::{
    admission::{ReadAdmission, StreamLimits},
    cache::{EventCache, RequestCoalescer, ResponseCache},
    export::ExportLimits,
    live::LiveHub,
    sharing::SharedLinks,
    store::Store,
};

/// The state that the endpoints share.
pub struct App {
    pub store: Store,
    pub events: EventCache,
    pub responses: ResponseCache,
    pub coalescer: RequestCoalescer,
    pub live: LiveHub,
    /// The shares of the tenants in reading.
    pub reads: ReadAdmission,
    pub streams: StreamLimits,
    pub exports: ExportLimits,
    pub share_links: SharedLinks,
}
