//! Polls one event while it has subscribers.

use std::{sync::Arc, time::Duration};

use analytics_shared::{
    clock,
    period::Period,
    telemetry::{GaugeGuard, LogThrottle},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::{
    task::block_in_place,
    time::{Instant, sleep_until, timeout},
};

use super::{
    registry::PolledEvents,
    update::{EventKey, LiveSnapshot, RenderFn, UpdateSender},
};
use crate::{
    admission::ReadAdmission,
    analytics::{LiveTotals, TimeZoneRules},
    cache::EventCache,
    store::{DaysQuery, EventDays, Fingerprint, Store, StoreError, TenantQuery},
};

/// The time between two polls. Updates are promised within 2 s of a change, which leaves more than
/// half a second for the read.
const POLL_INTERVAL: Duration = Duration::from_millis(1_250);
/// The time between two polls at least, in durations of the first: an event that takes long to read must not
/// use up the share of its tenant.
const PAUSE_FACTOR: u32 = 4;
/// The time-out of a poll; the next one uses another connection.
const POLL_TIMEOUT: Duration = Duration::from_secs(10);
/// The messages that polling fails, and that it works again.
static POLLING_FAILS: LogThrottle = LogThrottle::new();
static POLLING_WORKS: LogThrottle = LogThrottle::new();

/// Polls an event. When it ends for whatever reason, its subscribers end too.
pub(super) struct EventPoller {
    pub key: EventKey,
    pub store: Store,
    pub cache: EventCache,
    pub reads: ReadAdmission,
    pub events: PolledEvents,
    pub updates: UpdateSender,
    pub render: RenderFn,
    pub state: PollState,
    pub _gauge: GaugeGuard,
}

/// The results of earlier polls.
#[derive(Default)]
pub(super) struct PollState {
    days: Arc<EventDays>,
    /// Fingerprint of the input of the last update.
    published: Option<Fingerprint>,
    is_failing: bool,
}

impl EventPoller {
    /// Polls until the last subscriber is gone.
    pub async fn run(mut self) {
        let mut next = Instant::now();
        loop {
            tokio::select! {
                () = sleep_until(next) => {
                    let started = Instant::now();
                    self.poll(clock::now()).await;
                    next = started + POLL_INTERVAL.max(started.elapsed() * PAUSE_FACTOR);
                }
                () = self.updates.closed() => {
                    if self.events.remove_if_unused(self.key, &self.updates) {
                        return;
                    }
                }
            }
        }
    }

    async fn poll(&mut self, now: DateTime<Utc>) {
        let _permit = match self.reads.read(self.key.tenant_id).await {
            Ok(permit) => permit,
            Err(refused) => return self.log_transition(Some(&refused.to_string())),
        };
        let error = match timeout(POLL_TIMEOUT, self.read(now)).await {
            Ok(Ok(rules)) => {
                self.publish(now, &rules);
                None
            }
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("time-out".to_owned()),
        };
        self.log_transition(error.as_deref());
    }

    /// Reads the days of the event; returns the rules of its time zone.
    async fn read(&mut self, now: DateTime<Utc>) -> Result<TimeZoneRules, StoreError> {
        let rules = self.store.time_zone_rules(self.zone()).await?;
        let Ok(period) = Period::requested(None, None, rules.day(now)) else {
            return Ok(rules);
        };
        let query = DaysQuery {
            tenant_id: self.key.tenant_id,
            event_ids: &[self.key.event_id],
            period,
            zone: self.store.default_zone,
            with_registry: true,
            with_rows: true,
            // The page reads the same days with them.
            with_hours: true,
        };
        let (store, held) = (&self.store, Some(&self.state.days));
        let mut memory = self.store.begin_read();
        let days = self.cache.event_days(store, query, held, &mut memory);
        let mut events = days.await?;
        self.state.days = events.remove(&self.key.event_id).unwrap_or_default();
        // The registry may name another time zone by now.
        self.store.time_zone_rules(self.zone()).await
    }

    /// Publishes an update if the metrics have changed. While the rollup is rebuilt in another time zone, the
    /// last update stays.
    fn publish(&mut self, now: DateTime<Utc>, rules: &TimeZoneRules) {
        let zone = self.zone();
        let event = self.state.days.registry.as_ref();
        if event.is_some_and(|event| event.rollup_zone != Some(zone)) {
            return;
        }
        let title = event.map(|event| event.title.clone());
        let versions = self.state.days.versions();
        let today = rules.day(now);
        let input = Fingerprint::of(&(versions.fingerprint, &title, zone, today));
        if self.state.published == Some(input) {
            return;
        }
        let Ok(period) = Period::requested(None, None, today) else {
            return;
        };
        let rows = self.state.days.rows(period);
        let query = TenantQuery {
            tenant_id: self.key.tenant_id,
            period,
            rules: rules.clone(),
        };
        let event_id = self.key.event_id;
        let summary = block_in_place(|| self.cache.summarize(&query, event_id, &rows, None));
        let update = (self.render)(LiveSnapshot {
            event_id,
            title,
            zone,
            as_of: versions.changed_at.unwrap_or(now),
            totals: LiveTotals::of(&summary, period),
        });
        self.state.published = Some(input);
        self.updates.send_replace(Some(update));
    }

    fn zone(&self) -> Tz {
        let event = self.state.days.registry.as_ref();
        let zone = event.and_then(|event| event.zone);
        zone.unwrap_or(self.store.default_zone)
    }

    /// Logs the first failure of a series, and its end: one line each for many events.
    fn log_transition(&mut self, error: Option<&str>) {
        let event = self.key.event_id;
        match error {
            Some(error) if !self.state.is_failing && POLLING_FAILS.permits() => {
                tracing::warn!(%event, error, "polling for live metrics fails");
            }
            None if self.state.is_failing && POLLING_WORKS.permits() => {
                tracing::info!(%event, "polling for live metrics works again");
            }
            _ => {}
        }
        self.state.is_failing = error.is_some();
    }
}

impl Drop for EventPoller {
    fn drop(&mut self) {
        self.events.remove(self.key, &self.updates);
    }
}
