//! What happens on a connection, and how long nothing may happen.
//!
//! One rule for HTTP/1 and HTTP/2. hyper's own time-out for headers knows only the first, begins
//! with the first byte, and is as long between two requests as within a header.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// From the connection to its first whole header: that is one or two packets, with time to send
/// several of them again.
pub(super) const FIRST_HEADER: Duration = Duration::from_secs(10);
/// From an answer to the next whole header. A proxy must be the first to close a connection that it
/// keeps, or its next request is lost: nginx and AWS keep one for 60 s, Traefik for 90 s, Caddy for
/// 120 s, Google for 600 s.
pub(super) const NEXT_HEADER: Duration = Duration::from_secs(620);
/// For a reader that takes nothing of an answer; nginx gives as much.
const READER: Duration = Duration::from_mins(1);
/// A connection is looked at as often, for the patience with it may change.
const RHYTHM: Duration = Duration::from_secs(5);

/// What happens on a connection.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Requests with an answer that is not handed over whole.
    open: usize,
    /// Whether there was one.
    is_used: bool,
    /// When it was connected, or answered the last time.
    idle_since: Instant,
    /// Since when the reader takes nothing, while there is something to take.
    blocked_since: Option<Instant>,
}

/// A request that is not answered whole; it ends with this value.
#[derive(Debug)]
pub(super) struct Open(Arc<Activity>);

impl Activity {
    /// A connection that was just made.
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(State {
            open: 0,
            is_used: false,
            idle_since: now,
            blocked_since: None,
        }))
    }

    /// A request has come.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        let mut state = self.state();
        state.open += 1;
        state.is_used = true;
        drop(state);
        Open(Arc::clone(self))
    }

    /// The reader takes nothing more for now.
    pub(super) fn block(&self, now: Instant) {
        self.state().blocked_since = Some(now);
    }

    /// The reader has taken something.
    pub(super) fn unblock(&self, now: Instant) {
        let mut state = self.state();
        state.blocked_since = None;
        state.idle_since = now;
    }

    /// Waits until nothing has happened for too long. `next_header` tells the patience between two
    /// requests.
    pub(super) async fn until_too_quiet(&self, next_header: impl Fn() -> Duration) {
        loop {
            let now = Instant::now();
            let next_look = now + RHYTHM;
            match self.deadline(next_header()) {
                Some(deadline) if deadline <= now => return,
                deadline => {
                    let until = deadline.map_or(next_look, |deadline| deadline.min(next_look));
                    tokio::time::sleep_until(until).await;
                }
            }
        }
    }

    /// When it is too quiet if nothing happens until then. A request that is being answered has all
    /// the time that its handler gives it.
    pub(super) fn deadline(&self, next_header: Duration) -> Option<Instant> {
        let state = self.state();
        match state.blocked_since {
            Some(since) => Some(since + READER),
            None if state.open > 0 => None,
            None if state.is_used => Some(state.idle_since + next_header),
            None => Some(state.idle_since + next_header.min(FIRST_HEADER)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that panics is done while it is locked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open -= 1;
        state.idle_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds from now to the deadline, rounded.
    fn seconds(activity: &Activity) -> Option<u64> {
        let deadline = activity.deadline(NEXT_HEADER)?;
        let left = deadline.duration_since(Instant::now());
        Some((left + Duration::from_millis(500)).as_secs())
    }

    fn ago(seconds: u64) -> Instant {
        Instant::now() - Duration::from_secs(seconds)
    }

    #[test]
    fn a_connection_has_seconds_for_its_first_header_and_minutes_for_the_next() {
        let activity = Arc::new(Activity::new(ago(3)));
        assert_eq!(seconds(&activity), Some(7));
        let (first, second) = (activity.open(), activity.open());
        assert_eq!(seconds(&activity), None);
        drop(first);
        assert_eq!(seconds(&activity), None);
        drop(second);
        assert_eq!(seconds(&activity), Some(620));
        assert!(activity.deadline(FIRST_HEADER) < activity.deadline(NEXT_HEADER));
    }

    #[test]
    fn a_reader_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let activity = Arc::new(Activity::new(ago(90)));
        let open = activity.open();
        activity.block(ago(50));
        assert_eq!(seconds(&activity), Some(10));
        activity.unblock(ago(10));
        assert_eq!(seconds(&activity), None);
        activity.block(ago(9));
        drop(open);
        assert_eq!(
            seconds(&activity),
            Some(51),
            "the end of an answer is not yet taken"
        );
    }
}
