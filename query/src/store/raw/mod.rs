//! Reads of raw facts: recounted rollup rows, scans, and records for exports.

mod exported_facts;
mod fact_scan;
mod recounted_rows;
mod registrations;

pub use exported_facts::StoredFact;
pub use registrations::Registration;
