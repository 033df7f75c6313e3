//! One who watches: gets the newest figures, and none that were overtaken meanwhile.

use std::sync::Arc;

use tokio::sync::watch;

use super::Update;
use crate::metrics;

/// One who watches an event; with this value the watching ends.
pub struct Watcher {
    updates: watch::Receiver<Option<Update>>,
    has: Option<Arc<str>>,
    _counted: metrics::Counted,
}

impl Watcher {
    pub(super) fn new(updates: watch::Receiver<Option<Update>>, has: Option<&str>) -> Self {
        Self {
            updates,
            has: has.map(Into::into),
            _counted: metrics::Counted::watcher(),
        }
    }

    /// Waits for figures that the watcher does not have; `None` when there will be no more. Nothing
    /// is lost where the waiting is given up.
    pub async fn next(&mut self) -> Option<Update> {
        loop {
            let newest = self.updates.borrow_and_update().clone();
            if let Some(update) = newest
                && self.has.as_ref() != Some(&update.id)
            {
                self.has = Some(Arc::clone(&update.id));
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

    fn update(id: &str) -> Update {
        let (id, frame) = (id.into(), id.to_owned().into());
        Update { id, frame }
    }

    async fn next(watcher: &mut Watcher) -> Option<String> {
        let update = timeout(Duration::from_secs(5), watcher.next()).await;
        update
            .expect("an update")
            .map(|update| update.id.to_string())
    }

    #[tokio::test]
    async fn a_slow_watcher_gets_the_newest_figures_alone() {
        let updates = watch::Sender::new(Some(update("1")));
        let mut watcher = Watcher::new(updates.subscribe(), None);
        assert_eq!(next(&mut watcher).await.as_deref(), Some("1"));
        updates.send_replace(Some(update("2")));
        updates.send_replace(Some(update("3")));
        assert_eq!(next(&mut watcher).await.as_deref(), Some("3"));
        drop(updates);
        assert_eq!(next(&mut watcher).await, None);
    }

    #[tokio::test]
    async fn who_comes_back_gets_only_what_is_new() {
        let updates = watch::Sender::new(Some(update("1")));
        let mut watcher = Watcher::new(updates.subscribe(), Some("1"));
        let mut another = Watcher::new(updates.subscribe(), Some("0"));
        assert_eq!(next(&mut another).await.as_deref(), Some("1"));
        let a_moment = Duration::from_millis(50);
        assert!(timeout(a_moment, watcher.next()).await.is_err());
        updates.send_replace(Some(update("2")));
        assert_eq!(next(&mut watcher).await.as_deref(), Some("2"));
    }
}
