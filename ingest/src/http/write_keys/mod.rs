//! `/api/v1/analytics/write-keys`: the write keys of event pages, managed by services.

pub mod handler;
mod objects;
mod problems;
