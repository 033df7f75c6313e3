//! Looking at one event as long as somebody watches it.

use std::{sync::Arc, time::Duration};

use analytics_shared::{clock, period::Period};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::{Key, Live, Moment, Show, Updates, Watched};
use crate::{
    figures::{self, EventSummary, ZoneClock},
    metrics,
    store::{EventDays, State, Store, StoreError},
};

/// From one look to the next. A change is told within that and one read, which leaves half a second
/// and more of the two that are promised; and it is less than one statement in a second.
const TICK: Duration = Duration::from_millis(1_250);
/// A database that takes longer for a look is as good as away; the next look takes another
/// connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// A watched event. However this ends, all who watch end with it.
pub(super) struct Watching {
    key: Key,
    store: Store,
    default_zone: Tz,
    watched: Watched,
    updates: Updates,
    show: Show,
    days: Arc<EventDays>,
    summary: Option<EventSummary>,
    shown: Option<Shown>,
    is_failing: bool,
    _counted: metrics::Counted,
}

/// What figures depend on.
#[derive(PartialEq, Eq)]
struct Shown {
    state: State,
    title: Option<String>,
    zone: Tz,
    today: NaiveDate,
}

impl Watching {
    pub(super) fn new(live: &Live, key: Key, updates: Updates, show: Show) -> Self {
        Self {
            key,
            store: live.store.clone(),
            default_zone: live.default_zone,
            watched: live.watched.clone(),
            updates,
            show,
            days: Arc::default(),
            summary: None,
            shown: None,
            is_failing: false,
            _counted: metrics::Counted::watched_event(),
        }
    }

    /// Looks, until nobody watches.
    pub(super) async fn run(mut self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.look(clock::now()).await,
                () = self.updates.closed() => {
                    if self.watched.end_if_unwatched(self.key, &self.updates) {
                        return;
                    }
                }
            }
        }
    }

    async fn look(&mut self, now: DateTime<Utc>) {
        let failure = match timeout(PATIENCE, self.look_again(now)).await {
            Ok(Ok(clock)) => {
                self.publish(now, &clock);
                None
            }
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("no answer in time".to_owned()),
        };
        self.tell_failure(failure.as_deref());
    }

    /// Looks at the event; returns the clock of its zone.
    async fn look_again(&mut self, now: DateTime<Utc>) -> Result<ZoneClock, StoreError> {
        let clock = self.store.clock(self.zone()).await?;
        let Ok(period) = Period::requested(None, None, clock.day(now)) else {
            return Ok(clock);
        };
        let Key {
            tenant_id,
            event_id,
        } = self.key;
        let days =
            self.store
                .event_days(tenant_id, event_id, (period, self.default_zone), &self.days);
        self.days = days.await?;
        // It may have told another zone.
        self.store.clock(self.zone()).await
    }

    /// Puts the figures where all who watch get them, if anything of them has changed. While the
    /// rollup is rebuilt in another zone, those that were put there stay.
    fn publish(&mut self, now: DateTime<Utc>, clock: &ZoneClock) {
        let zone = self.zone();
        let registry = self.days.registry.as_ref();
        if registry.is_some_and(|entry| entry.rollup_zone != Some(zone)) {
            return;
        }
        let owned = registry.filter(|entry| entry.owner == self.key.tenant_id);
        let versions = self.days.versions();
        let today = clock.day(now);
        let shown = Shown {
            state: versions.state(),
            title: owned.map(|entry| entry.title.clone()),
            zone,
            today,
        };
        if self.shown.as_ref() == Some(&shown) {
            return;
        }
        let Ok(period) = Period::requested(None, None, today) else {
            return;
        };
        let rows = self.days.rows(period);
        let summary = EventSummary::of(self.key.event_id, &rows, self.summary.as_ref());
        let update = (self.show)(Moment {
            event_id: self.key.event_id,
            title: shown.title.clone(),
            zone,
            as_of: versions.changed_at().unwrap_or(now),
            figures: figures::Live::of(&summary, period),
        });
        self.summary = Some(summary);
        self.shown = Some(shown);
        self.updates.send_replace(Some(update));
    }

    fn zone(&self) -> Tz {
        let registry = self.days.registry.as_ref();
        registry
            .and_then(|entry| entry.zone)
            .unwrap_or(self.default_zone)
    }

    /// Logs where a trouble begins and where it ends.
    fn tell_failure(&mut self, failure: Option<&str>) {
        let event = self.key.event_id;
        match failure {
            Some(error) if !self.is_failing => {
                tracing::warn!(%event, error, "cannot look at a watched event; its watchers wait");
            }
            None if self.is_failing => tracing::info!(%event, "watching goes on"),
            _ => {}
        }
        self.is_failing = failure.is_some();
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.watched.end(self.key, &self.updates);
    }
}
