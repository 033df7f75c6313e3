//! Maintenance that both the ingest tier and `analytics-migration` run. Advisory locks keep two
//! processes from changing the same rows of the rollup.

pub mod advisory_lock;
mod retention;

pub use retention::{Deleted, delete_expired};
