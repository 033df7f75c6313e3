//! The registry of polled events.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::update::{EventKey, LiveUpdate, UpdateSender};

/// The events that have a poller.
#[derive(Clone, Default)]
pub(super) struct PolledEvents(Arc<Mutex<HashMap<EventKey, UpdateSender>>>);

impl PolledEvents {
    /// Subscribes to an event. `start` starts its poller if it has none.
    pub fn subscribe(
        &self,
        key: EventKey,
        start: impl FnOnce(UpdateSender),
    ) -> watch::Receiver<Option<LiveUpdate>> {
        let mut events = self.lock();
        let updates = events.entry(key).or_insert_with(|| {
            let updates = UpdateSender::new(watch::Sender::new(None));
            start(Arc::clone(&updates));
            updates
        });
        updates.subscribe()
    }

    /// Removes an event without subscribers; returns whether it has none. A later subscriber starts another
    /// poller.
    pub fn remove_if_unused(&self, key: EventKey, updates: &UpdateSender) -> bool {
        let mut events = self.lock();
        let is_unused = updates.receiver_count() == 0;
        if is_unused {
            events.remove(&key);
        }
        is_unused
    }

    /// Removes an event, which ends its subscribers.
    pub fn remove(&self, key: EventKey, updates: &UpdateSender) {
        let mut events = self.lock();
        // Another poller may have been started since.
        let is_current = |current: &UpdateSender| Arc::ptr_eq(current, updates);
        if events.get(&key).is_some_and(is_current) {
            events.remove(&key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<EventKey, UpdateSender>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
