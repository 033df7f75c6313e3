//! Recounts of events after their facts, or the time zone of their days, have changed.

mod claims;
mod time_zone;
