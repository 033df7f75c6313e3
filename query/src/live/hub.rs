//! The entry point of live metrics.

use tokio_util::sync::CancellationToken;

use super::{
    poller::{EventPoller, PollState},
    registry::PolledEvents,
    subscriber::Subscriber,
    update::{EventKey, RenderFn},
};
use crate::{
    admission::{ReadAdmission, StreamPermit},
    cache::EventCache,
    metrics,
    store::Store,
};

/// Starts a poller for each event with subscribers.
#[derive(Clone)]
pub struct LiveHub {
    store: Store,
    cache: EventCache,
    reads: ReadAdmission,
    shutdown: CancellationToken,
    events: PolledEvents,
}

impl LiveHub {
    /// Builds a hub that ends all subscribers on `shutdown`.
    pub fn new(
        store: Store,
        cache: EventCache,
        reads: ReadAdmission,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            store,
            cache,
            reads,
            shutdown,
            events: PolledEvents::default(),
        }
    }

    /// Subscribes to an event. `last_id` is the id of the last update that the client received; `render`
    /// renders updates once for all subscribers. The subscriber keeps the permit.
    pub fn subscribe(
        &self,
        key: EventKey,
        last_id: Option<&str>,
        render: RenderFn,
        permit: StreamPermit,
    ) -> Subscriber {
        let updates = self.events.subscribe(key, |updates| {
            let poller = EventPoller {
                key,
                store: self.store.clone(),
                cache: self.cache.clone(),
                reads: self.reads.clone(),
                events: self.events.clone(),
                updates,
                render,
                state: PollState::default(),
                _gauge: metrics::live_event(),
            };
            let shutdown = self.shutdown.clone();
            tokio::spawn(async move { shutdown.run_until_cancelled(poller.run()).await });
        });
        Subscriber::new(updates, last_id, Some(permit))
    }
}
