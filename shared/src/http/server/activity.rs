//! The idle time-out of a connection.
//!
//! Hand-written, because hyper's header time-out covers HTTP/1 only and cannot tell a new connection
//! from one that is kept alive, nor shrink under load.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The time from accepting a connection to its first complete header: one or two packets, and time to
/// retransmit them.
pub(super) const FIRST_HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// The interval at which the time-out is read again, because it shrinks under load.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The requests of one connection.
#[derive(Debug)]
pub(super) struct Activity(Mutex<Requests>);

#[derive(Debug)]
struct Requests {
    /// Requests whose response is not complete.
    open: usize,
    /// Whether there has been a request.
    any: bool,
    /// The time of the connection, or of the last complete response.
    idle_since: Instant,
}

/// Counts a request as open until it is dropped.
#[derive(Debug)]
pub(super) struct OpenRequest(Arc<Activity>);

impl Activity {
    /// The activity of a connection accepted at `now`.
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(Requests {
            open: 0,
            any: false,
            idle_since: now,
        }))
    }

    /// Counts a new request.
    pub(super) fn open_request(self: &Arc<Self>) -> OpenRequest {
        let mut requests = self.requests();
        requests.open += 1;
        requests.any = true;
        drop(requests);
        OpenRequest(Arc::clone(self))
    }

    /// Waits until no request has been open for the time-out, which `keep_alive_timeout` returns for a
    /// connection that has had a request.
    pub(super) async fn idle_timeout_elapsed(&self, keep_alive_timeout: impl Fn() -> Duration) {
        loop {
            let now = Instant::now();
            let next_poll = now + POLL_INTERVAL;
            match self.deadline(keep_alive_timeout()) {
                Some(deadline) if deadline <= now => return,
                deadline => {
                    let wake_up = deadline.map_or(next_poll, |deadline| deadline.min(next_poll));
                    tokio::time::sleep_until(wake_up).await;
                }
            }
        }
    }

    /// The end of the idle time; `None` while a request is open, which its handler bounds.
    fn deadline(&self, keep_alive_timeout: Duration) -> Option<Instant> {
        let requests = self.requests();
        let timeout = if requests.any {
            keep_alive_timeout
        } else {
            keep_alive_timeout.min(FIRST_HEADER_TIMEOUT)
        };
        (requests.open == 0).then(|| requests.idle_since + timeout)
    }

    fn requests(&self) -> MutexGuard<'_, Requests> {
        // Nothing panics while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut requests = self.0.requests();
        requests.open -= 1;
        requests.idle_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(620);

    /// Seconds from now to the deadline, rounded.
    fn seconds(activity: &Activity) -> Option<u64> {
        let deadline = activity.deadline(KEEP_ALIVE_TIMEOUT)?;
        let left = deadline.duration_since(Instant::now());
        Some((left + Duration::from_millis(500)).as_secs())
    }

    #[test]
    fn a_connection_has_seconds_for_its_first_header_and_minutes_for_the_next() {
        let three_seconds_ago = Instant::now() - Duration::from_secs(3);
        let activity = Arc::new(Activity::new(three_seconds_ago));
        assert_eq!(seconds(&activity), Some(7));
        let (first, second) = (activity.open_request(), activity.open_request());
        assert_eq!(seconds(&activity), None);
        drop(first);
        assert_eq!(seconds(&activity), None);
        drop(second);
        assert_eq!(seconds(&activity), Some(620));
        assert!(activity.deadline(FIRST_HEADER_TIMEOUT) < activity.deadline(KEEP_ALIVE_TIMEOUT));
    }
}
