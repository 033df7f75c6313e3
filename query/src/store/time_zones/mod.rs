//! Rules of time zones, as PostgreSQL has them.

mod cache;

pub use cache::TimeZoneCache;
