//! Events that are watched: figures are read when they change, and once for all who watch.
//!
//! A notification by the database would be sooner, but a replica gives none. So each watched event
//! is polled by one statement, however many watch it (ADR 0012).

#[path = "subscriber.rs"]
mod watcher;
#[path = "poller.rs"]
mod watching;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{figures, store::Store};

pub use watcher::Watcher;
use watching::Watching;

/// Events that are watched.
#[derive(Clone)]
pub struct Live {
    store: Store,
    default_zone: Tz,
    stop: CancellationToken,
    watched: Watched,
}

/// An event, as one tenant has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Whose facts are counted.
    pub tenant_id: Uuid,
    /// The event.
    pub event_id: Uuid,
}

/// A watched event at a moment.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The event.
    pub event_id: Uuid,
    /// Its title; `None` where this tenant has not published it.
    pub title: Option<String>,
    /// The zone that its days are counted in.
    pub zone: Tz,
    /// When anything changed last; the present moment where there is nothing.
    pub as_of: DateTime<Utc>,
    /// Its figures.
    pub figures: figures::Live,
}

/// Figures as they are sent to all who watch.
#[derive(Clone, Debug)]
pub struct Update {
    /// Stands for these figures, on every replica.
    pub id: Arc<str>,
    /// The bytes.
    pub frame: Bytes,
}

/// Makes what is sent of a moment.
pub type Show = fn(Moment) -> Update;

/// Where the newest figures of an event are put; there are none before the first look.
type Updates = Arc<watch::Sender<Option<Update>>>;

/// The events that somebody watches.
#[derive(Clone, Default)]
struct Watched(Arc<Mutex<HashMap<Key, Updates>>>);

impl Live {
    /// Looks at events through `store` until `stop`, with which all watchers end. `default_zone` is
    /// that of events that name none.
    #[must_use]
    pub fn new(store: Store, default_zone: Tz, stop: CancellationToken) -> Self {
        Self {
            store,
            default_zone,
            stop,
            watched: Watched::default(),
        }
    }

    /// Watches an event. `has` is the id of the figures that the watcher has; `show` makes what is
    /// sent, for all who watch the event.
    #[must_use]
    pub fn watch(&self, key: Key, has: Option<&str>, show: Show) -> Watcher {
        let mut watched = self.watched.lock();
        let updates = watched.entry(key).or_insert_with(|| {
            let updates = Updates::new(watch::Sender::new(None));
            let watching = Watching::new(self, key, Arc::clone(&updates), show);
            let stop = self.stop.clone();
            tokio::spawn(async move { stop.run_until_cancelled(watching.run()).await });
            updates
        });
        Watcher::new(updates.subscribe(), has)
    }
}

impl Watched {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Updates>> {
        // Nothing that panics is done while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the watch if nobody is left; whether it has. Who comes later begins another.
    fn end_if_unwatched(&self, key: Key, updates: &Updates) -> bool {
        let mut watched = self.lock();
        let is_over = updates.receiver_count() == 0;
        if is_over {
            watched.remove(&key);
        }
        is_over
    }

    /// Ends the watch, with all who watch.
    fn end(&self, key: Key, updates: &Updates) {
        let mut watched = self.lock();
        // Where it has ended before, the present one may be another.
        if watched
            .get(&key)
            .is_some_and(|present| Arc::ptr_eq(present, updates))
        {
            watched.remove(&key);
        }
    }
}
