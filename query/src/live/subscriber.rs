//! Subscribers receive the latest update and skip those that it supersedes.

use std::sync::Arc;

use analytics_shared::telemetry::GaugeGuard;
use tokio::sync::watch;

use super::update::LiveUpdate;
use crate::{admission::StreamPermit, metrics};

/// A subscriber of an event, until it is dropped.
pub struct Subscriber {
    updates: watch::Receiver<Option<LiveUpdate>>,
    last_id: Option<Arc<str>>,
    _permit: Option<StreamPermit>,
    _gauge: GaugeGuard,
}

impl Subscriber {
    pub(super) fn new(
        updates: watch::Receiver<Option<LiveUpdate>>,
        last_id: Option<&str>,
        permit: Option<StreamPermit>,
    ) -> Self {
        Self {
            updates,
            last_id: last_id.map(Into::into),
            _permit: permit,
            _gauge: metrics::live_watcher(),
        }
    }

    /// Waits for the next update; `None` after the last one. Cancel safe.
    pub async fn next(&mut self) -> Option<LiveUpdate> {
        loop {
            let latest = self.updates.borrow_and_update().clone();
            if let Some(update) = latest
                && self.last_id.as_ref() != Some(&update.id)
            {
                self.last_id = Some(Arc::clone(&update.id));
                return Some(update);
            }
            self.updates.changed().await.ok()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn update(id: &str) -> LiveUpdate {
        LiveUpdate {
            id: id.into(),
            json: id.to_owned().into(),
            frame: id.to_owned().into(),
        }
    }

    async fn next(subscriber: &mut Subscriber) -> Option<String> {
        let update = timeout(Duration::from_secs(5), subscriber.next()).await;
        update
            .expect("an update")
            .map(|update| update.id.to_string())
    }

    #[tokio::test]
    async fn a_slow_subscriber_receives_the_latest_update_only() {
        let updates = watch::Sender::new(Some(update("1")));
        let mut subscriber = Subscriber::new(updates.subscribe(), None, None);
        assert_eq!(next(&mut subscriber).await.as_deref(), Some("1"));
        updates.send_replace(Some(update("2")));
        updates.send_replace(Some(update("3")));
        assert_eq!(next(&mut subscriber).await.as_deref(), Some("3"));
        drop(updates);
        assert_eq!(next(&mut subscriber).await, None);
    }

    #[tokio::test]
    async fn a_reconnected_subscriber_receives_only_new_updates() {
        let updates = watch::Sender::new(Some(update("1")));
        let mut subscriber = Subscriber::new(updates.subscribe(), Some("1"), None);
        let mut another = Subscriber::new(updates.subscribe(), Some("0"), None);
        assert_eq!(next(&mut another).await.as_deref(), Some("1"));
        let a_moment = Duration::from_millis(50);
        assert!(timeout(a_moment, subscriber.next()).await.is_err());
        updates.send_replace(Some(update("2")));
        assert_eq!(next(&mut subscriber).await.as_deref(), Some("2"));
    }
}
