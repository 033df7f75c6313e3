//! A limit on repeated log messages.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Repeats of a message within this time are not logged.
const LOG_INTERVAL: Duration = Duration::from_mins(1);

/// Permits a log message unless it repeats one of the last minute.
#[derive(Debug, Default)]
pub struct LogThrottle {
    last: Mutex<Option<Instant>>,
}

impl LogThrottle {
    /// A throttle that has not permitted a message yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            last: Mutex::new(None),
        }
    }

    /// Returns whether a message may be logged now.
    pub fn permits(&self) -> bool {
        self.permits_at(Instant::now())
    }

    fn permits_at(&self, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = last.replace(now);
        last.is_none_or(|last| now.duration_since(last) > LOG_INTERVAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_message_is_logged_again_after_a_minute_without_it() {
        let (start, throttle) = (Instant::now(), LogThrottle::default());
        let logged = [0, 1, 59, 118, 179, 200].map(|second| {
            let at = start + Duration::from_secs(second);
            throttle.permits_at(at)
        });
        assert_eq!(logged, [true, false, false, false, true, false]);
    }
}
